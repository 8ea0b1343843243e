package org.kvcache.quant;

/**
 * The orthonormal Walsh-Hadamard transform in Sylvester's order: {@code y = H x / sqrt(n)} with
 * {@code H[i][j] = (−1)^popcount(i & j)}. It is its own inverse.
 *
 * <p>Butterflies run with strides 1, 2, 4, ..., n/2, each output one addition or subtraction, and
 * the factor last, so that all implementations round alike.
 */
interface Hadamard {

  int MIN_DIM = 32;
  int MAX_DIM = 512;

  /**
   * Transforms one row in place.
   *
   * @param dim elements, a power of two from {@value #MIN_DIM} to {@value #MAX_DIM}
   * @throws IllegalArgumentException if there is no transform of that size
   */
  void transform(float[] x, int offset, int dim);

  /**
   * {@code 1 / sqrt(dim)}.
   *
   * @throws IllegalArgumentException if there is no transform of that size
   */
  static float factor(int dim) {
    if (dim < MIN_DIM || dim > MAX_DIM || Integer.bitCount(dim) != 1) {
      throw new IllegalArgumentException(
          "head dim is %d; the Walsh-Hadamard transform needs a power of two from %d to %d"
              .formatted(dim, MIN_DIM, MAX_DIM));
    }
    return (float) (1 / Math.sqrt(dim));
  }
}
