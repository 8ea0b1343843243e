package org.kvcache.cache;

import org.kvcache.KvShape;

/** Refuses what lies outside, with both numbers. */
final class Bounds {

  private Bounds() {}

  static void layer(int layer, KvShape shape) {
    if (layer < 0 || layer >= shape.layers()) {
      throw new IndexOutOfBoundsException(
          "no layer %d, the model has %d".formatted(layer, shape.layers()));
    }
  }

  static void rows(String what, long size, int offset, int rows, int dim) {
    if (rows < 0 || offset < 0 || (long) rows * dim > size - offset) {
      throw new IndexOutOfBoundsException(
          "%d rows of %d elements of %s from index %d do not lie within %d"
              .formatted(rows, dim, what, offset, size));
    }
  }

  /** One past the last of so many tokens; beyond every room rather than negative. */
  static int end(int position, int tokens) {
    return (int) Math.min(Integer.MAX_VALUE, (long) position + tokens);
  }
}
