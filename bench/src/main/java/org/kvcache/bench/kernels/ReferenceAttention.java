package org.kvcache.bench.kernels;

import java.util.function.IntPredicate;

/** Attention of one query row in binary64, as textbooks have it. */
final class ReferenceAttention {

  /** The result, in the first {@code dim} elements, and the log of the sum of exponentials. */
  final double[] out;

  final double lse;

  private ReferenceAttention(double[] out, double lse) {
    this.out = out;
    this.lse = lse;
  }

  /**
   * Attends.
   *
   * @param keys rows of {@code dim}, one for each token
   * @param mean what is taken off each key in {@link #lse}; it does not change {@link #out}
   * @param seen which tokens count
   */
  static ReferenceAttention of(
      float[] keys,
      float[] values,
      int tokens,
      float[] q,
      int qOffset,
      int dim,
      double scale,
      float[] mean,
      IntPredicate seen) {
    double[] logits = new double[tokens];
    double max = Double.NEGATIVE_INFINITY;
    double shift = 0;
    for (int d = 0; d < dim; d++) {
      shift += (double) q[qOffset + d] * mean[d] * scale;
    }
    for (int t = 0; t < tokens; t++) {
      double dot = 0;
      for (int d = 0; d < dim; d++) {
        dot += (double) q[qOffset + d] * keys[t * dim + d];
      }
      logits[t] = seen.test(t) ? dot * scale : Double.NEGATIVE_INFINITY;
      max = Math.max(max, logits[t]);
    }
    double[] out = new double[dim];
    if (max == Double.NEGATIVE_INFINITY) {
      return new ReferenceAttention(out, max);
    }
    double sum = 0;
    for (int t = 0; t < tokens; t++) {
      double weight = Math.exp(logits[t] - max);
      sum += weight;
      for (int d = 0; d < dim; d++) {
        out[d] += weight * values[t * dim + d];
      }
    }
    for (int d = 0; d < dim; d++) {
      out[d] /= sum;
    }
    return new ReferenceAttention(out, max + Math.log(sum) - shift);
  }

  /** The norm of the difference over the norm of {@link #out}; the difference's if that is 0. */
  double error(float[] result, int offset) {
    double difference = 0;
    double norm = 0;
    for (int d = 0; d < out.length; d++) {
      double delta = result[offset + d] - out[d];
      difference += delta * delta;
      norm += out[d] * out[d];
    }
    return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
  }
}
