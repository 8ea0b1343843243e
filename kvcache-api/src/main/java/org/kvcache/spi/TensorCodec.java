package org.kvcache.spi;

import java.lang.foreign.MemorySegment;

/**
 * How the rows of one tensor, K or V of one KV head, become bytes: a plane of codes and a plane of
 * scales. Row {@code r} of a plane starts at {@code codeBytes(r)} and {@code scaleBytes(r)} from
 * the plane's start, so any run of whole row groups can be written and read on its own.
 *
 * <p>A codec is immutable and may be used by any number of threads. Its {@link KeyScorer}s and
 * {@link ValueSum}s belong to one thread each. None of these allocates after construction. Rows are
 * {@code float[]} from an offset on, row after row; {@code memory} may be native or on the heap,
 * and {@code codes} and {@code scales} are byte offsets into it of the first row meant.
 *
 * <p>Results do not depend on the machine: codes, scores and sums are the same to the last bit
 * whatever the width of its vectors.
 */
public interface TensorCodec {

  /** Elements of a row. */
  int headDim();

  /**
   * Rows that are encoded together. One for formats that quantise each token alone; more for those
   * with statistics over tokens, which take and give only whole groups.
   */
  int rowGroup();

  /** Bytes of codes of the first {@code rows} rows, a multiple of {@link #rowGroup}. */
  long codeBytes(int rows);

  /** Bytes of scales, norms and zero points of the first {@code rows} rows. */
  long scaleBytes(int rows);

  /** Stored bits for one element: codes, scales, norms and zero points. */
  default double bitsPerElement() {
    return 8.0
        * (codeBytes(rowGroup()) + scaleBytes(rowGroup()))
        / ((double) rowGroup() * headDim());
  }

  /**
   * Writes {@code count} rows.
   *
   * @throws IllegalArgumentException if {@code count} is not a multiple of {@link #rowGroup}
   * @throws IndexOutOfBoundsException if rows or planes end before {@code count} rows do
   */
  void encode(float[] rows, int offset, int count, MemorySegment memory, long codes, long scales);

  /** Reads {@code count} rows back; the inverse of {@link #encode} up to the format's error. */
  void decode(MemorySegment memory, long codes, long scales, int count, float[] rows, int offset);

  /** Scores of the stored rows, as keys, against {@code heads} queries. */
  KeyScorer newScorer(int heads);

  /** Weighted sums of the stored rows, as values, for {@code heads} query heads. */
  ValueSum newSum(int heads);
}
