package org.kvcache.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.kvcache.AttentionWindow;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.PagedKv;

/**
 * For each query head: {@code logit = (Σ q[d] k[d]) · scale}, summed from {@code d = 0} up with a
 * rounding after each product and each sum; {@code weight = (float) exp(logit − max)}, divided by
 * the sum of all weights from the first token on; {@code out[d] += weight · v[d]} token by token.
 *
 * <p>These are the roundings of the attention loop that single-file engines have, so with scheme
 * {@code f32} the result is theirs to the last bit.
 */
final class ScalarKernel implements AttentionKernel {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final BlockReader reader;
  private final int blockTokens;
  private final int heads;
  private final int dim;
  private final int keyGroup;
  private final int valueGroup;
  private final float[] rows;
  private int decoded; // first token of the group that rows hold, or -1
  private float[] weights = new float[256];

  ScalarKernel(BlockCodec codec, int blockTokens, int heads) {
    this.blockTokens = blockTokens;
    this.heads = heads;
    reader = codec.newReader(1);
    dim = codec.layout().headDim();
    keyGroup = codec.keys().rowGroup();
    valueGroup = codec.values().rowGroup();
    rows = new float[Math.max(keyGroup, valueGroup) * dim];
  }

  @Override
  public void attend(
      PagedKv kv,
      int length,
      AttentionWindow window,
      float logitScale,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset) {
    if (weights.length < length) {
      weights = new float[Math.max(length, weights.length + (weights.length >> 1))];
    }
    int sinks = window.sinksEnd(length);
    int start = window.windowStart(length);
    for (int head = 0; head < heads; head++) {
      int to = outOffset + head * dim;
      Arrays.fill(out, to, to + dim, 0);
      float max = Float.NEGATIVE_INFINITY;
      decoded = -1;
      for (int token = next(0, sinks, start);
          token < length;
          token = next(token + 1, sinks, start)) {
        int row = key(kv, token);
        float dot = 0;
        for (int d = 0; d < dim; d++) {
          dot += q[qOffset + head * dim + d] * rows[row + d];
        }
        weights[token] = dot * logitScale;
        max = Math.max(max, weights[token]);
      }
      float sum = 0;
      for (int token = next(0, sinks, start);
          token < length;
          token = next(token + 1, sinks, start)) {
        weights[token] = (float) Math.exp(weights[token] - max);
        sum += weights[token];
      }
      decoded = -1;
      for (int token = next(0, sinks, start);
          token < length;
          token = next(token + 1, sinks, start)) {
        int row = value(kv, token);
        float weight = weights[token] / sum;
        for (int d = 0; d < dim; d++) {
          out[to + d] += weight * rows[row + d];
        }
      }
    }
  }

  /** The first token from {@code token} on that the window shows. */
  private static int next(int token, int sinks, int start) {
    return token >= sinks && token < start ? start : token;
  }

  /** Brings the K of a token to {@link #rows}; returns where it begins. */
  private int key(PagedKv kv, int token) {
    int row = token % blockTokens;
    if (token >= kv.encoded()) {
      return staged(kv, token, kv.stagedKey(row));
    }
    int first = token - token % keyGroup;
    if (first != decoded) {
      reader.keys(
          kv.memory(), kv.block(token / blockTokens), row - row % keyGroup, keyGroup, rows, 0);
      decoded = first;
    }
    return (token - first) * dim;
  }

  private int value(PagedKv kv, int token) {
    int row = token % blockTokens;
    if (token >= kv.encoded()) {
      return staged(kv, token, kv.stagedValue(row));
    }
    int first = token - token % valueGroup;
    if (first != decoded) {
      reader.values(
          kv.memory(), kv.block(token / blockTokens), row - row % valueGroup, valueGroup, rows, 0);
      decoded = first;
    }
    return (token - first) * dim;
  }

  private int staged(PagedKv kv, int token, long offset) {
    MemorySegment.copy(kv.staged(token / blockTokens), FLOAT, offset, rows, 0, dim);
    decoded = -1;
    return 0;
  }
}
