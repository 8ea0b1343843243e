package org.kvcache.bench.diffusion;

/**
 * One pass of a fixed number of tokens through a model: RMSNorm, norms of queries and keys, rotary
 * positions on the first channels of a head, SwiGLU, output weights tied to the embedding. Masks
 * are the attention's business. Belongs to one thread; passes over the same weights may run side by
 * side. Allocates nothing.
 */
final class BlockPass {

  private final DiffusionModel model;
  private final DiffusionConfig config;
  private final int rows;
  private final float[] x;
  private final float[] normed;
  private final float[] q;
  private final float[] k;
  private final float[] v;
  private final float[] attended;
  private final float[] gate;
  private final float[] up;
  private final float[] sigmoid;
  private final float[] logits;

  private final float[] cosines;
  private final float[] sines;
  private int rotatedFrom = -1;

  /** For {@code tokens} at once, a multiple of 4. */
  BlockPass(DiffusionModel model, int tokens) {
    if (tokens <= 0 || tokens % MatrixProduct.ROWS != 0) {
      throw new IllegalArgumentException(tokens + " tokens are not a positive multiple of 4");
    }
    this.model = model;
    config = model.config;
    rows = tokens;
    x = new float[rows * config.hidden()];
    normed = new float[x.length];
    q = new float[rows * config.queryDim()];
    k = new float[rows * config.kvDim()];
    v = new float[k.length];
    attended = new float[q.length];
    gate = new float[rows * config.intermediate()];
    up = new float[gate.length];
    sigmoid = new float[gate.length];
    logits = new float[rows * config.vocabulary()];
    cosines = new float[rows * config.frequencies().size()];
    sines = new float[cosines.length];
  }

  /**
   * Computes tokens that stand from {@code position} on; then {@link #logits} has the result.
   *
   * @return false if the attention wanted no more of it
   */
  boolean forward(int[] tokens, int position, BlockAttention attention) {
    return store(tokens, position, attention) && attendAndFeed(config.layers() - 1, attention);
  }

  /** The same only as far as all K and V are written. */
  boolean store(int[] tokens, int position, BlockAttention attention) {
    int hidden = config.hidden();
    for (int i = 0; i < rows; i++) {
      System.arraycopy(model.embedding, tokens[i] * hidden, x, i * hidden, hidden);
    }
    turnTo(position);
    for (int layer = 0; layer < config.layers(); layer++) {
      if (layer > 0 && !attendAndFeed(layer - 1, attention)) {
        return false;
      }
      project(model.layers.get(layer));
      if (!attention.write(layer, k, v)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Logits of the last {@link #forward}, row after row, computed here: the same array each time.
   */
  float[] logits() {
    model.norm.apply(x, rows, normed);
    model.output.apply(normed, rows, logits);
    return logits;
  }

  private void project(DiffusionModel.Layer of) {
    of.attentionNorm().apply(x, rows, normed);
    of.q().apply(normed, rows, q);
    of.k().apply(normed, rows, k);
    of.v().apply(normed, rows, v);
    of.qNorm().apply(q, rows * config.heads(), q);
    of.kNorm().apply(k, rows * config.kvHeads(), k);
    rotate(q, config.heads());
    rotate(k, config.kvHeads());
  }

  private boolean attendAndFeed(int layer, BlockAttention attention) {
    if (!attention.attend(layer, q, attended)) {
      return false;
    }
    DiffusionModel.Layer of = model.layers.get(layer);
    of.o().add(attended, rows, x);
    of.feedForwardNorm().apply(x, rows, normed);
    of.gate().apply(normed, rows, gate);
    of.up().apply(normed, rows, up);
    System.arraycopy(gate, 0, sigmoid, 0, gate.length);
    Exponentials.replace(sigmoid, 0, sigmoid.length, -1, 0);
    for (int i = 0; i < gate.length; i++) {
      gate[i] = gate[i] / (1 + sigmoid[i]) * up[i];
    }
    of.down().add(gate, rows, x);
    return true;
  }

  private void turnTo(int position) {
    if (position == rotatedFrom) {
      return;
    }
    int pairs = config.frequencies().size();
    for (int i = 0; i < cosines.length; i++) {
      double angle = (position + Math.floorDiv(i, pairs)) * config.frequencies().get(i % pairs);
      cosines[i] = (float) Math.cos(angle);
      sines[i] = (float) Math.sin(angle);
    }
    rotatedFrom = position;
  }

  private void rotate(float[] of, int heads) {
    int pairs = config.frequencies().size();
    for (int row = 0; row < rows; row++) {
      for (int head = 0; head < heads; head++) {
        int at = (row * heads + head) * config.headDim();
        for (int i = 0; i < pairs; i++) {
          float a = of[at + i];
          float b = of[at + pairs + i];
          float cosine = cosines[row * pairs + i];
          float sine = sines[row * pairs + i];
          of[at + i] = a * cosine - b * sine;
          of[at + pairs + i] = b * cosine + a * sine;
        }
      }
    }
  }
}
