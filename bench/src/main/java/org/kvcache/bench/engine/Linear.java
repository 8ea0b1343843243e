package org.kvcache.bench.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = W x + b}. The weights are kept transposed, so that the inner loop is over outputs:
 * each output is a chain of fused multiply-adds over the inputs in order, which the compiler
 * vectorises without changing a bit.
 */
final class Linear {

  private final int inputs;
  private final int outputs;
  private final float[] transposed;
  private final float @Nullable [] bias;

  Linear(float[] rows, float @Nullable [] bias, int outputs, int inputs) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.bias = bias;
    transposed = new float[rows.length];
    for (int out = 0; out < outputs; out++) {
      for (int in = 0; in < inputs; in++) {
        transposed[in * outputs + out] = rows[out * inputs + in];
      }
    }
  }

  /** Applies it to {@code count} rows. */
  void apply(float[] x, int count, float[] y) {
    for (int row = 0; row < count; row++) {
      if (bias == null) {
        Arrays.fill(y, row * outputs, (row + 1) * outputs, 0);
      } else {
        System.arraycopy(bias, 0, y, row * outputs, outputs);
      }
    }
    for (int in = 0; in < inputs; in++) {
      for (int row = 0; row < count; row++) {
        addScaled(transposed, in * outputs, x[row * inputs + in], y, row * outputs, outputs);
      }
    }
  }

  private static void addScaled(
      float[] w, int wOffset, float factor, float[] y, int yOffset, int length) {
    for (int i = 0; i < length; i++) {
      y[yOffset + i] = Math.fma(w[wOffset + i], factor, y[yOffset + i]);
    }
  }
}
