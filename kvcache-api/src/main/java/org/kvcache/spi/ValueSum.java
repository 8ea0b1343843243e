package org.kvcache.spi;

import java.lang.foreign.MemorySegment;

/**
 * Weighted sums of stored values, computed on the codes and kept between calls. Belongs to one
 * thread. Made by {@link TensorCodec#newSum}; starts at zero.
 */
public interface ValueSum {

  /** Sets the sums of all heads to zero. */
  void clear();

  /** Multiplies the sum of a head, as an online softmax does when its maximum grows. */
  void scale(int head, float factor);

  /**
   * Adds {@code weights[offset + h * stride + r] · value[r]} to the sum of each head, over {@code
   * count} values, in the order of their rows.
   */
  void add(
      float[] weights,
      int offset,
      int stride,
      MemorySegment memory,
      long codes,
      long scales,
      int count);

  /** Writes the sum of a head, {@code headDim} elements. */
  void get(int head, float[] out, int offset);
}
