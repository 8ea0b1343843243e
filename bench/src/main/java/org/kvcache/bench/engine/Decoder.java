package org.kvcache.bench.engine;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * Llama's decoder: RMSNorm, rotary positions on halves, grouped queries, SwiGLU; with Qwen2's
 * biases and Qwen3's norms of queries and keys where the file has them. Belongs to one thread.
 */
public final class Decoder {

  private final ModelConfig config;
  private final Weights weights;
  private float[] cosines = {};
  private float[] sines = {};

  // Rows of the batch at hand.
  private int rows;
  private float[] x = {};
  private float[] normed = {};
  private float[] q = {};
  private float[] k = {};
  private float[] v = {};
  private float[] attended = {};
  private float[] projected = {};
  private float[] gate = {};
  private float[] up = {};

  private Decoder(ModelConfig config, Weights weights) {
    this.config = config;
    this.weights = weights;
  }

  /**
   * Reads {@code config.json} and {@code model.safetensors} of a directory.
   *
   * @throws IllegalArgumentException if they are not of such a model, naming file and field
   */
  public static Decoder read(Path directory) {
    ModelConfig config = ModelConfig.read(directory.resolve("config.json"));
    return new Decoder(config, Weights.read(config, directory.resolve("model.safetensors")));
  }

  /** The model's shape. */
  public ModelConfig config() {
    return config;
  }

  /**
   * Computes {@code count} tokens that stand from {@code position} on, and the logits of the last
   * one.
   *
   * @param logits receives an element for each token of the vocabulary
   */
  void forward(int[] tokens, int offset, int count, int position, KvStore kv, float[] logits) {
    compute(tokens, offset, count, position, kv);
    int last = (count - 1) * config.hidden();
    System.arraycopy(x, last, x, 0, config.hidden());
    weights.norm.apply(x, 1, normed);
    weights.output.apply(normed, 1, logits);
  }

  /** The same, with the logits of every token, row after row. */
  void forwardAll(int[] tokens, int offset, int count, int position, KvStore kv, float[] logits) {
    compute(tokens, offset, count, position, kv);
    weights.norm.apply(x, count, normed);
    weights.output.apply(normed, count, logits);
  }

  private void compute(int[] tokens, int offset, int count, int position, KvStore kv) {
    makeRoom(count, position + count);
    int hidden = config.hidden();
    for (int i = 0; i < count; i++) {
      System.arraycopy(weights.embedding, tokens[offset + i] * hidden, x, i * hidden, hidden);
    }
    for (int layer = 0; layer < config.layers(); layer++) {
      Weights.Layer of = weights.layers.get(layer);
      of.attentionNorm().apply(x, count, normed);
      of.q().apply(normed, count, q);
      of.k().apply(normed, count, k);
      of.v().apply(normed, count, v);
      if (of.qNorm() != null && of.kNorm() != null) {
        of.qNorm().apply(q, count * config.heads(), q);
        of.kNorm().apply(k, count * config.kvHeads(), k);
      }
      rotate(q, config.heads(), count, position);
      rotate(k, config.kvHeads(), count, position);
      kv.append(layer, position, count, k, v);
      kv.attend(layer, position, count, q, attended);
      of.o().apply(attended, count, projected);
      add(projected, count);
      feedForward(of, count);
    }
  }

  private void feedForward(Weights.Layer of, int count) {
    of.feedForwardNorm().apply(x, count, normed);
    of.gate().apply(normed, count, gate);
    of.up().apply(normed, count, up);
    for (int i = 0; i < count * config.intermediate(); i++) {
      gate[i] = gate[i] / (1 + (float) Math.exp(-gate[i])) * up[i];
    }
    of.down().apply(gate, count, projected);
    add(projected, count);
  }

  private void add(float[] y, int count) {
    for (int i = 0; i < count * config.hidden(); i++) {
      x[i] += y[i];
    }
  }

  private void rotate(float[] of, int heads, int count, int position) {
    int half = config.headDim() / 2;
    for (int row = 0; row < count; row++) {
      int angles = (position + row) * half;
      for (int head = 0; head < heads; head++) {
        int at = (row * heads + head) * config.headDim();
        for (int i = 0; i < half; i++) {
          float a = of[at + i];
          float b = of[at + half + i];
          of[at + i] = a * cosines[angles + i] - b * sines[angles + i];
          of[at + half + i] = b * cosines[angles + i] + a * sines[angles + i];
        }
      }
    }
  }

  private void makeRoom(int count, int length) {
    if (count > rows) {
      rows = count;
      x = new float[count * config.hidden()];
      normed = new float[count * config.hidden()];
      projected = new float[count * config.hidden()];
      q = new float[count * config.heads() * config.headDim()];
      attended = new float[q.length];
      k = new float[count * config.kvHeads() * config.headDim()];
      v = new float[k.length];
      gate = new float[count * config.intermediate()];
      up = new float[gate.length];
    }
    int half = config.headDim() / 2;
    int known = cosines.length / half;
    if (length > known) {
      int wanted = Math.max(length, 2 * known);
      cosines = Arrays.copyOf(cosines, wanted * half);
      sines = Arrays.copyOf(sines, wanted * half);
      for (int i = known * half; i < cosines.length; i++) {
        double turn = Math.pow(config.ropeTheta(), -2.0 * (i % half) / config.headDim());
        double angle = Math.floorDiv(i, half) * turn;
        cosines[i] = (float) Math.cos(angle);
        sines[i] = (float) Math.sin(angle);
      }
    }
  }
}
