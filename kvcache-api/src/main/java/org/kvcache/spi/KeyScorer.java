package org.kvcache.spi;

import java.lang.foreign.MemorySegment;

/**
 * Dot products of queries with stored keys, computed on the codes. Belongs to one thread. Made by
 * {@link TensorCodec#newScorer}.
 */
public interface KeyScorer {

  /**
   * Takes the query of a head: {@code headDim} elements, already in the basis of the stored keys.
   */
  void query(int head, float[] q, int offset);

  /**
   * Writes {@code q[h] · key[r]} to {@code logits[offset + h * stride + r]} for each head and for
   * each of {@code count} keys, a multiple of the codec's row group.
   */
  void score(
      MemorySegment memory,
      long codes,
      long scales,
      int count,
      float[] logits,
      int offset,
      int stride);
}
