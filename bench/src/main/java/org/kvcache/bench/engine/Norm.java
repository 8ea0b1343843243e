package org.kvcache.bench.engine;

/** RMSNorm: {@code y = x / √(mean x² + ε) · w}. */
public final class Norm {

  private final float[] weight;
  private final double epsilon;

  /** One weight for each element of a run; kept, not copied. */
  public Norm(float[] weight, double epsilon) {
    this.weight = weight;
    this.epsilon = epsilon;
  }

  /** Applies it to {@code count} runs of as many elements as it has weights. */
  public void apply(float[] x, int count, float[] y) {
    for (int at = 0; at < count * weight.length; at += weight.length) {
      double squares = 0;
      for (int i = 0; i < weight.length; i++) {
        squares += x[at + i] * (double) x[at + i];
      }
      float factor = (float) (1 / Math.sqrt(squares / weight.length + epsilon));
      for (int i = 0; i < weight.length; i++) {
        y[at + i] = x[at + i] * factor * weight[i];
      }
    }
  }
}
