package org.kvcache.quant;

import java.lang.foreign.MemorySegment;

/**
 * The loops over rows of four-bit codes. Rows lie one after another from byte {@code codes} on;
 * {@code scales} holds {@link NibbleShape#groups} floats for each row and {@value #SLACK} more that
 * are read and not used.
 */
interface NibbleKernels {

  /** Floats that must follow the last scale. */
  int SLACK = 16;

  /** Writes rows of values: code's value times its group's scale. */
  void decode(
      NibbleShape shape,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      float[] out,
      int offset);

  /**
   * Writes the dot product of each row with a query in plane order. {@code query} is followed by
   * {@value #SLACK} floats that are read and not used; {@code lanes} is scratch, {@value #SLACK}
   * floats for each row.
   */
  void score(
      NibbleShape shape,
      float[] query,
      int queryOffset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      float[] out,
      int offset,
      float[] lanes);

  /** Adds each row, times its weight, to a sum in plane order. */
  void add(
      NibbleShape shape,
      float[] weights,
      int offset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      float[] sum,
      int sumOffset);

  /** Reads {@code count} UE8M0 scales. */
  void ue8m0(MemorySegment memory, long from, int count, float[] out);

  /** Reads {@code count} E4M3 scales and multiplies them. */
  void e4m3(MemorySegment memory, long from, int count, float tensorScale, float[] out);
}
