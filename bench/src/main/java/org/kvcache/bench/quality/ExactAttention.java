package org.kvcache.bench.quality;

import java.util.Arrays;

/** Attention of the queries of a sample to all of its tokens, without any quantisation. */
final class ExactAttention {
  private final KvSample sample;
  private final float[] logits;
  private final float[] outputs;

  /** Computes it. */
  ExactAttention(KvSample sample) {
    this.sample = sample;
    logits = logits(sample);
    outputs = new float[sample.queries().length];
    float[] weights = new float[sample.tokens()];
    for (int q = 0; q < sample.queryCount(); q++) {
      System.arraycopy(logits, q * weights.length, weights, 0, weights.length);
      softmax(weights, 0, weights.length);
      float[] sum = new float[sample.headDim()];
      for (int token = 0; token < weights.length; token++) {
        addRow(sum, weights[token], sample.values(), token * sum.length);
      }
      System.arraycopy(sum, 0, outputs, q * sum.length, sum.length);
    }
  }

  /** {@code q · k / √headDim}, query after query. */
  float[] logits() {
    return logits;
  }

  /** The output of a query. */
  float[] output(int query) {
    int d = sample.headDim();
    return Arrays.copyOfRange(outputs, query * d, (query + 1) * d);
  }

  /** What to multiply queries by so that logits, less each query's mean, deviate by so much. */
  static double gain(KvSample sample, double deviation) {
    float[] logits = logits(sample);
    double squares = 0;
    for (int q = 0; q < sample.queryCount(); q++) {
      squares += squaresAboutMean(logits, q * sample.tokens(), sample.tokens());
    }
    return deviation / Math.sqrt(squares / logits.length);
  }

  /** Sum of the squared distances from the mean. */
  static double squaresAboutMean(float[] numbers, int offset, int count) {
    double sum = 0;
    for (int i = offset; i < offset + count; i++) {
      sum += numbers[i];
    }
    double mean = sum / count;
    double squares = 0;
    for (int i = offset; i < offset + count; i++) {
      squares += (numbers[i] - mean) * (numbers[i] - mean);
    }
    return squares;
  }

  /** Turns logits into weights that sum to 1. */
  static void softmax(float[] logits, int offset, int count) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = offset; i < offset + count; i++) {
      largest = Math.max(largest, logits[i]);
    }
    double sum = 0;
    for (int i = offset; i < offset + count; i++) {
      logits[i] = (float) StrictMath.exp(logits[i] - largest);
      sum += logits[i];
    }
    for (int i = offset; i < offset + count; i++) {
      logits[i] = (float) (logits[i] / sum);
    }
  }

  /** Adds a weighted row. */
  static void addRow(float[] sum, float weight, float[] rows, int offset) {
    for (int c = 0; c < sum.length; c++) {
      sum[c] += weight * rows[offset + c];
    }
  }

  /** The dot product of two rows. */
  static double dot(float[] a, int aOffset, float[] b, int bOffset, int count) {
    double even = 0;
    double odd = 0;
    int i = 0;
    for (; i < count - 1; i += 2) {
      even += (double) a[aOffset + i] * b[bOffset + i];
      odd += (double) a[aOffset + i + 1] * b[bOffset + i + 1];
    }
    return i < count ? even + odd + (double) a[aOffset + i] * b[bOffset + i] : even + odd;
  }

  private static float[] logits(KvSample sample) {
    int d = sample.headDim();
    int tokens = sample.tokens();
    double scale = 1 / Math.sqrt(d);
    float[] logits = new float[Math.multiplyExact(sample.queryCount(), tokens)];
    for (int q = 0; q < sample.queryCount(); q++) {
      for (int token = 0; token < tokens; token++) {
        double dot = dot(sample.queries(), q * d, sample.keys(), token * d, d);
        logits[q * tokens + token] = (float) (scale * dot);
      }
    }
    return logits;
  }
}
