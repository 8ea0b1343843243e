package org.kvcache.bench.diffusion;

import java.util.Arrays;

/** The weights of {@code y = W x}, kept transposed for products with many rows. Immutable. */
final class Matrix {

  private final int inputs;
  private final int outputs;
  private final float[] transposed;

  /** Copies {@code outputs} rows of {@code inputs} elements. */
  Matrix(float[] rows, int outputs, int inputs) {
    if (outputs % MatrixProduct.COLUMNS != 0) {
      throw new IllegalArgumentException(
          "a matrix with " + outputs + " outputs; they must be a multiple of 16");
    }
    this.inputs = inputs;
    this.outputs = outputs;
    transposed = new float[rows.length];
    for (int out = 0; out < outputs; out++) {
      for (int in = 0; in < inputs; in++) {
        transposed[in * outputs + out] = rows[out * inputs + in];
      }
    }
  }

  /** {@code y = W x} for each of {@code count} rows. */
  void apply(float[] x, int count, float[] y) {
    Arrays.fill(y, 0, count * outputs, 0);
    add(x, count, y);
  }

  /** {@code y += W x} for each of {@code count} rows, a multiple of 4. */
  void add(float[] x, int count, float[] y) {
    MatrixProduct.add(x, 0, inputs, transposed, 0, outputs, y, 0, outputs, count, inputs, outputs);
  }
}
