package org.kvcache.quant;

/**
 * A few decoded rows, few enough to stay in the first-level cache while all heads use them: a row
 * is decoded once for all query heads of its group.
 */
final class RowTile {

  private static final int MAX_ELEMENTS = 4096;
  private static final int MAX_ROWS = 16;

  /** Rows that fit. */
  final int capacity;

  /** {@code capacity} rows of elements, before their scales. */
  final float[] elements;

  /** What the elements of each row are still to be multiplied by. */
  final float[] scales;

  RowTile(int headDim) {
    capacity = Math.clamp(MAX_ELEMENTS / headDim, 1, MAX_ROWS);
    elements = new float[capacity * headDim];
    scales = new float[capacity];
  }
}
