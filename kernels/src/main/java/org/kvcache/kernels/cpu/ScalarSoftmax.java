package org.kvcache.kernels.cpu;

/** In plain Java. */
enum ScalarSoftmax implements Softmax {
  INSTANCE;

  @Override
  public float largest(float[] x, int offset, int count) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = offset; i < offset + count; i++) {
      largest = Math.max(largest, x[i]);
    }
    return largest;
  }

  @Override
  public float weights(float[] x, int offset, int count, float scale, float max) {
    for (int i = offset; i < offset + count; i++) {
      x[i] = Exponential.of(Math.fma(x[i], scale, -max));
    }
    float even = everyFourthLane(x, offset, count) + everyFourthLane(x, offset + 2, count);
    float odd = everyFourthLane(x, offset + 1, count) + everyFourthLane(x, offset + 3, count);
    return even + odd;
  }

  /** The sum of the lanes 0, 4, 8 and 12 after an offset. */
  private static float everyFourthLane(float[] x, int offset, int count) {
    float lane0 = 0;
    float lane4 = 0;
    float lane8 = 0;
    float lane12 = 0;
    for (int i = offset; i < offset + count; i += LANES) {
      lane0 += x[i];
      lane4 += x[i + 4];
      lane8 += x[i + 8];
      lane12 += x[i + 12];
    }
    return (lane0 + lane8) + (lane4 + lane12);
  }

  @Override
  public String toString() {
    return "plain Java";
  }
}
