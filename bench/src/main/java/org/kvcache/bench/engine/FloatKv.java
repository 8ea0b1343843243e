package org.kvcache.bench.engine;

import java.util.Arrays;

/**
 * What single-file engines have: a flat array of floats for each layer and session, and the
 * attention loop of the textbooks. Nothing is shared and nothing is given back before the end.
 */
final class FloatKv implements KvStore {

  private final ModelConfig config;
  private final float[][] keys;
  private final float[][] values;
  private float[] weights = {};

  /** Room for {@code contextLength} tokens. */
  FloatKv(ModelConfig config, int contextLength) {
    this.config = config;
    int kvDim = config.kvHeads() * config.headDim();
    keys = new float[config.layers()][contextLength * kvDim];
    values = new float[config.layers()][contextLength * kvDim];
  }

  @Override
  public void append(int layer, int position, int tokens, float[] k, float[] v) {
    int kvDim = config.kvHeads() * config.headDim();
    System.arraycopy(k, 0, keys[layer], position * kvDim, tokens * kvDim);
    System.arraycopy(v, 0, values[layer], position * kvDim, tokens * kvDim);
  }

  @Override
  public void attend(int layer, int position, int tokens, float[] q, float[] out) {
    for (int token = 0; token < tokens; token++) {
      for (int head = 0; head < config.heads(); head++) {
        int at = (token * config.heads() + head) * config.headDim();
        attend(layer, head, position + token + 1, q, out, at);
      }
    }
  }

  private void attend(int layer, int head, int length, float[] q, float[] out, int at) {
    if (weights.length < length) {
      weights = new float[2 * length];
    }
    int dim = config.headDim();
    int kvDim = config.kvHeads() * dim;
    int kvHead = head / (config.heads() / config.kvHeads());
    float scale = (float) (1 / Math.sqrt(dim));
    float max = Float.NEGATIVE_INFINITY;
    for (int t = 0; t < length; t++) {
      int row = t * kvDim + kvHead * dim;
      float dot = 0;
      for (int d = 0; d < dim; d++) {
        dot += q[at + d] * keys[layer][row + d];
      }
      weights[t] = dot * scale;
      max = Math.max(max, weights[t]);
    }
    float sum = 0;
    for (int t = 0; t < length; t++) {
      weights[t] = (float) Math.exp(weights[t] - max);
      sum += weights[t];
    }
    Arrays.fill(out, at, at + dim, 0);
    for (int t = 0; t < length; t++) {
      int row = t * kvDim + kvHead * dim;
      float weight = weights[t] / sum;
      for (int d = 0; d < dim; d++) {
        out[at + d] += weight * values[layer][row + d];
      }
    }
  }
}
