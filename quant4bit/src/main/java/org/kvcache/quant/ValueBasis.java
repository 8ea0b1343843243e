package org.kvcache.quant;

/**
 * The basis that values are stored in: divided by one number and, if the scheme says so, rotated. A
 * sum of stored values is taken back once, whatever the number of values. Immutable.
 */
final class ValueBasis {

  private final int dim;
  private final float unit;
  private final boolean rotate;
  private final Hadamard hadamard;

  ValueBasis(int dim, float unit, boolean rotate, Hadamard hadamard) {
    this.dim = dim;
    this.unit = unit;
    this.rotate = rotate;
    this.hadamard = hadamard;
    if (rotate) {
      Hadamard.factor(dim); // refuses what cannot be rotated
    }
  }

  /** True if values are stored as they come. */
  boolean isIdentity() {
    return unit == 1 && !rotate;
  }

  /** Takes {@code count} values to the stored basis. */
  void toStored(float[] values, int offset, int count, float[] stored) {
    for (int i = 0; i < count * dim; i++) {
      stored[i] = values[offset + i] / unit;
    }
    for (int row = 0; rotate && row < count; row++) {
      hadamard.transform(stored, row * dim, dim);
    }
  }

  /** Takes stored values, or sums of them, back in place. */
  void fromStored(float[] values, int offset, int count) {
    for (int row = 0; rotate && row < count; row++) {
      hadamard.transform(values, offset + row * dim, dim);
    }
    for (int i = offset; unit != 1 && i < offset + count * dim; i++) {
      values[i] *= unit;
    }
  }
}
