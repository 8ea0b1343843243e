package org.kvcache.spi;

import java.lang.foreign.MemorySegment;

/**
 * Attends to blocks on their codes, for the query heads that share one KV head. Belongs to one
 * thread; does not allocate.
 *
 * <p>An attention is: {@link #query} for each head, {@link #score} over the blocks, a softmax by
 * the caller, {@link #clear}, {@link #add} over the blocks, {@link #output} for each head. With an
 * online softmax, score and add alternate block by block, and {@link #rescale} corrects what is
 * already summed. The scale {@code 1/√headDim} is the caller's.
 *
 * <p>A new reader has zero queries and zero sums. {@code memory} may be native or on the heap and
 * need not be aligned.
 *
 * <p>{@code block} is the byte offset of the block in {@code memory}, {@code row} the first row of
 * it to read; {@code row} and {@code count} are multiples of the format's row group.
 */
public interface BlockReader {

  /**
   * Takes the query of a head, {@code headDim} elements as the model makes them, into the basis of
   * the stored keys. The logits of one query may all be off by one constant, which softmax does not
   * see: {@code q · mean}, when the keys were stored without their mean.
   */
  void query(int head, float[] q, int offset);

  /** Writes logits of keys to {@code logits[offset + head * stride + i]}, {@code i < count}. */
  void score(
      MemorySegment memory, long block, int row, int count, float[] logits, int offset, int stride);

  /** Sets the sums of all heads to zero. */
  void clear();

  /** Multiplies the sum of a head. */
  void rescale(int head, float factor);

  /** Adds values, weighted by {@code weights[offset + head * stride + i]}, to the sums. */
  void add(
      float[] weights,
      int offset,
      int stride,
      MemorySegment memory,
      long block,
      int row,
      int count);

  /** Writes the sum of a head, {@code headDim} elements in the model's own basis. */
  void output(int head, float[] out, int offset);

  /** Decodes keys to the model's own basis: transform undone, mean added. For export and tests. */
  void keys(MemorySegment memory, long block, int row, int count, float[] rows, int offset);

  /** Decodes values to the model's own basis. */
  void values(MemorySegment memory, long block, int row, int count, float[] rows, int offset);
}
