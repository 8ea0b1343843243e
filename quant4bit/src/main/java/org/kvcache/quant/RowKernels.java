package org.kvcache.quant;

import java.lang.foreign.MemorySegment;

/**
 * Rows of elements of whole bytes, and arithmetic on decoded rows. All lengths are multiples of
 * {@link #CHUNK}, and callers have checked that arrays and memory reach far enough.
 *
 * <p>Both twins round at the same places, so their results differ in no bit, NaN payloads apart.
 */
interface RowKernels {

  /** Lanes over which a dot product is defined, however many lanes the processor has. */
  int CHUNK = 16;

  /** Writes the codes of {@code rows[offset + i] / scale}. */
  void encode(
      RowElement element,
      float[] rows,
      int offset,
      int length,
      float scale,
      MemorySegment memory,
      long codes);

  /** Writes the elements times {@code scale}. */
  void decode(
      RowElement element,
      MemorySegment memory,
      long codes,
      int length,
      float scale,
      float[] rows,
      int offset);

  /** The largest magnitude among the finite elements; 0 if there is none. */
  float largest(float[] rows, int offset, int length);

  /**
   * Writes {@code (q · row[r]) * scales[r]} to {@code scores[offset + r]}. Lane {@code l} of
   * {@value #CHUNK} is the chain {@code acc = fma(q[16 c + l], row[16 c + l], acc)} over {@code c},
   * from 0; then lanes {@code l} and {@code l + 8} are added, {@code l + 4}, {@code l + 2}, {@code
   * l + 1}.
   *
   * @param rows {@code count} rows of {@code dim} elements, from index 0
   */
  void score(
      float[] q,
      int qOffset,
      float[] rows,
      int dim,
      float[] scales,
      int count,
      float[] scores,
      int offset);

  /**
   * {@code sum[sumOffset + d] = fma(weights[r], row[r][d], sum[sumOffset + d])} for each {@code r}
   * in turn.
   *
   * @param rows {@code count} rows of {@code dim} elements, from index 0
   */
  void accumulate(float[] weights, float[] rows, int dim, int count, float[] sum, int sumOffset);
}
