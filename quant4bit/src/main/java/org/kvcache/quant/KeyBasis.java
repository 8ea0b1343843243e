package org.kvcache.quant;

import org.kvcache.HeadCalibration;

/**
 * The basis that keys are stored in and queries are taken to. With channel means μ, scales s and
 * signs ε, and the Walsh-Hadamard matrix H or the identity:
 *
 * <pre>
 * stored key  H · ε (k - μ) / s        query  H · ε s q
 * </pre>
 *
 * <p>The product of the two is {@code q · k - q · μ}. Immutable.
 */
final class KeyBasis {

  private final int dim;
  private final float[] mean;
  private final float[] divide;
  private final float[] multiply;
  private final boolean identity;
  private final boolean rotate;
  private final Hadamard hadamard;

  KeyBasis(HeadCalibration calibration, boolean rotate, Hadamard hadamard) {
    this.dim = calibration.headDim();
    this.mean = calibration.mean();
    this.multiply = calibration.scale();
    this.divide = new float[dim];
    this.identity = calibration.isIdentity();
    this.rotate = rotate;
    this.hadamard = hadamard;
    float[] signs = calibration.signs();
    for (int c = 0; c < dim; c++) {
      divide[c] = signs[c] / multiply[c];
      multiply[c] *= signs[c];
    }
    if (rotate) {
      Hadamard.factor(dim); // refuses what cannot be rotated
    }
  }

  /** Takes {@code count} keys to the stored basis. */
  void toStored(float[] keys, int offset, int count, float[] stored) {
    for (int row = 0; row < count; row++) {
      int from = offset + row * dim;
      int to = row * dim;
      if (identity) {
        System.arraycopy(keys, from, stored, to, dim);
      } else {
        for (int c = 0; c < dim; c++) {
          stored[to + c] = (keys[from + c] - mean[c]) * divide[c];
        }
      }
      if (rotate) {
        hadamard.transform(stored, to, dim);
      }
    }
  }

  /** Takes stored keys back, in place. */
  void fromStored(float[] keys, int offset, int count) {
    for (int row = 0; row < count; row++) {
      int at = offset + row * dim;
      if (rotate) {
        hadamard.transform(keys, at, dim);
      }
      if (!identity) {
        for (int c = 0; c < dim; c++) {
          keys[at + c] = Math.fma(keys[at + c], multiply[c], mean[c]);
        }
      }
    }
  }

  /** Takes a query to the stored basis. */
  void query(float[] q, int offset, float[] out) {
    for (int c = 0; c < dim; c++) {
      out[c] = q[offset + c] * multiply[c];
    }
    if (rotate) {
      hadamard.transform(out, 0, dim);
    }
  }
}
