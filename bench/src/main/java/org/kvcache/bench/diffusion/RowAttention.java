package org.kvcache.bench.diffusion;

import java.util.Arrays;

/**
 * Softmax attention of a block of tokens over one run of K and V, or two, in binary32. Belongs to
 * one thread; allocates only when a longer run comes than ever before.
 */
final class RowAttention {

  private final DiffusionConfig config;
  private final AttentionObserver observer;
  private final int rows;
  private final float[] queries;
  private final float[] sums;
  private float[] scores = {};

  /** For blocks of the model's size. */
  RowAttention(DiffusionConfig config, AttentionObserver observer) {
    this.config = config;
    this.observer = observer;
    rows = config.block() * (config.heads() / config.kvHeads());
    queries = new float[rows * config.headDim()];
    sums = new float[queries.length];
  }

  /**
   * Computes one layer for the block of tokens that begins at row {@code first} of {@code q} and
   * {@code out}: they see the first {@code prefixTokens} tokens of one run and the first {@code
   * ownTokens} of the other, both multiples of 16.
   */
  void attend(
      int layer,
      FloatRows prefix,
      int prefixTokens,
      FloatRows own,
      int ownTokens,
      float[] q,
      int first,
      float[] out) {
    int stride = prefixTokens + ownTokens;
    if (scores.length < rows * stride) {
      scores = new float[2 * rows * stride];
    }
    for (int head = 0; head < config.kvHeads(); head++) {
      gather(q, first, head);
      Arrays.fill(scores, 0, rows * stride, 0);
      prefix.addScores(layer, head, prefixTokens, queries, rows, scores, 0, stride);
      own.addScores(layer, head, ownTokens, queries, rows, scores, prefixTokens, stride);
      Arrays.fill(sums, 0);
      softmax(stride);
      observer.weights(layer, head, scores, rows, stride);
      prefix.addValues(layer, head, prefixTokens, scores, 0, stride, rows, sums);
      own.addValues(layer, head, ownTokens, scores, prefixTokens, stride, rows, sums);
      scatter(out, first, head);
    }
  }

  private void softmax(int count) {
    float scale = (float) (1 / Math.sqrt(config.headDim()));
    for (int row = 0; row < rows; row++) {
      int from = row * count;
      float max = Float.NEGATIVE_INFINITY;
      for (int i = from; i < from + count; i++) {
        max = Math.max(max, scores[i]);
      }
      Exponentials.replace(scores, from, count, scale, -max * scale);
      float total = 0;
      for (int i = from; i < from + count; i++) {
        total += scores[i];
      }
      float share = 1 / total;
      for (int i = from; i < from + count; i++) {
        scores[i] *= share;
      }
    }
  }

  /** Rows of queries: all heads of the group of the first token, then of the second. */
  private void gather(float[] q, int first, int head) {
    int length = rows / config.block() * config.headDim();
    for (int token = 0; token < config.block(); token++) {
      int from = (first + token) * config.queryDim() + head * length;
      System.arraycopy(q, from, queries, token * length, length);
    }
  }

  private void scatter(float[] out, int first, int head) {
    int length = rows / config.block() * config.headDim();
    for (int token = 0; token < config.block(); token++) {
      int to = (first + token) * config.queryDim() + head * length;
      System.arraycopy(sums, token * length, out, to, length);
    }
  }
}
