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
 * Attention on codes: a tile of tokens at a time is scored, turned into weights and added up, all
 * heads of the group together, with an online softmax (Milakov and Gimelshein 2018): when a tile
 * raises a head's maximum, what was summed before is scaled down. Expanded rows never exist.
 *
 * <p>Staged rows are in the model's own basis while stored keys lack their mean, so their logits
 * are taken without {@code q · mean} too, and their values are summed apart.
 */
final class VectorKernel implements AttentionKernel {

  /** Tokens of a tile, a multiple of the softmax's lanes and of the row groups. */
  private static final int TILE = 256;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final BlockReader reader;
  private final Softmax softmax;
  private final int blockTokens;
  private final int heads;
  private final int dim;
  private final int rowGroup;
  private final float[] mean;
  private final boolean centred;

  private final float[] logits;
  private final float[] max;
  private final float[] sum;
  private final float[] constants; // q · mean of each head
  private final float[] stagedSums;
  private final float[] row;
  private boolean anyStaged;

  VectorKernel(BlockCodec codec, int blockTokens, int heads, Softmax softmax) {
    this.blockTokens = blockTokens;
    this.heads = heads;
    this.softmax = softmax;
    reader = codec.newReader(heads);
    dim = codec.layout().headDim();
    rowGroup = Math.max(codec.keys().rowGroup(), codec.values().rowGroup());
    mean = codec.calibration().mean();
    boolean zero = true;
    for (float m : mean) {
      zero &= m == 0;
    }
    centred = !zero;
    logits = new float[heads * TILE];
    max = new float[heads];
    sum = new float[heads];
    constants = new float[heads];
    stagedSums = new float[heads * dim];
    row = new float[dim];
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
    begin(q, qOffset);
    int sinks = window.sinksEnd(length);
    int start = window.windowStart(length);
    range(kv, 0, sinks, logitScale, q, qOffset);
    range(kv, start, length, logitScale, q, qOffset);
    for (int head = 0; head < heads; head++) {
      int at = outOffset + head * dim;
      reader.output(head, out, at);
      float share = 1 / sum[head];
      for (int d = 0; d < dim; d++) {
        float total = anyStaged ? out[at + d] + stagedSums[head * dim + d] : out[at + d];
        out[at + d] = total * share;
      }
    }
  }

  private void begin(float[] q, int qOffset) {
    Arrays.fill(max, Float.NEGATIVE_INFINITY);
    Arrays.fill(sum, 0);
    anyStaged = false;
    reader.clear();
    for (int head = 0; head < heads; head++) {
      reader.query(head, q, qOffset + head * dim);
    }
  }

  /** Takes in the tokens {@code [from, to)}. */
  private void range(PagedKv kv, int from, int to, float scale, float[] q, int qOffset) {
    int encoded = Math.min(kv.encoded(), to);
    for (int at = from; at < encoded; ) {
      // A tile begins and ends with a row group, and what is read of it beyond the range weighs 0.
      int first = at - at % rowGroup;
      int end = Math.min(first + TILE, encoded);
      tile(kv, first, at, end, scale);
      at = end;
    }
    if (Math.max(from, encoded) < to) {
      staged(kv, Math.max(from, encoded), to, scale, q, qOffset);
    }
  }

  private void tile(PagedKv kv, int first, int from, int to, float scale) {
    int end = (to + rowGroup - 1) / rowGroup * rowGroup;
    for (int at = first; at < end; ) {
      int block = at / blockTokens;
      int count = Math.min(end, (block + 1) * blockTokens) - at;
      reader.score(
          kv.memory(), kv.block(block), at - block * blockTokens, count, logits, at - first, TILE);
      at += count;
    }
    int padded = padded(end - first);
    for (int head = 0; head < heads; head++) {
      int row0 = head * TILE;
      Arrays.fill(logits, row0, row0 + from - first, Float.NEGATIVE_INFINITY);
      Arrays.fill(logits, row0 + to - first, row0 + padded, Float.NEGATIVE_INFINITY);
      weigh(head, padded, scale);
    }
    for (int at = first; at < end; ) {
      int block = at / blockTokens;
      int count = Math.min(end, (block + 1) * blockTokens) - at;
      reader.add(
          logits, at - first, TILE, kv.memory(), kv.block(block), at - block * blockTokens, count);
      at += count;
    }
  }

  private static int padded(int count) {
    return (count + Softmax.LANES - 1) / Softmax.LANES * Softmax.LANES;
  }

  /** Turns the logits of a tile into weights, under the maximum so far. */
  private void weigh(int head, int count, float scale) {
    float largest = softmax.largest(logits, head * TILE, count) * scale;
    if (Float.isNaN(largest)) {
      sum[head] = Float.NaN; // weights of NaN are 0, but the row is not to look like a number
    }
    if (largest > max[head]) {
      if (max[head] != Float.NEGATIVE_INFINITY) {
        float factor = Exponential.of(max[head] - largest);
        reader.rescale(head, factor);
        sum[head] *= factor;
        for (int d = 0; anyStaged && d < dim; d++) {
          stagedSums[head * dim + d] *= factor;
        }
      }
      max[head] = largest;
    }
    sum[head] += softmax.weights(logits, head * TILE, count, scale, max[head]);
  }

  /** Takes in staged tokens {@code [from, to)}. */
  private void staged(PagedKv kv, int from, int to, float scale, float[] q, int qOffset) {
    if (!anyStaged) {
      Arrays.fill(stagedSums, 0);
      anyStaged = true;
    }
    for (int head = 0; head < heads; head++) {
      constants[head] = centred ? dot(q, qOffset + head * dim, mean) : 0;
    }
    for (int at = from; at < to; at += TILE) {
      int count = Math.min(TILE, to - at);
      for (int i = 0; i < count; i++) {
        int token = at + i;
        load(kv, token, kv.stagedKey(token % blockTokens));
        for (int head = 0; head < heads; head++) {
          logits[head * TILE + i] = dot(q, qOffset + head * dim, row) - constants[head];
        }
      }
      int padded = padded(count);
      for (int head = 0; head < heads; head++) {
        int row0 = head * TILE;
        Arrays.fill(logits, row0 + count, row0 + padded, Float.NEGATIVE_INFINITY);
        weigh(head, padded, scale);
      }
      for (int i = 0; i < count; i++) {
        int token = at + i;
        load(kv, token, kv.stagedValue(token % blockTokens));
        for (int head = 0; head < heads; head++) {
          add(head * dim, logits[head * TILE + i]);
        }
      }
    }
  }

  private void load(PagedKv kv, int token, long offset) {
    MemorySegment.copy(kv.staged(token / blockTokens), FLOAT, offset, row, 0, dim);
  }

  private float dot(float[] q, int offset, float[] of) {
    float dot = 0;
    for (int d = 0; d < dim; d++) {
      dot = Math.fma(q[offset + d], of[d], dot);
    }
    return dot;
  }

  private void add(int at, float weight) {
    for (int d = 0; d < dim; d++) {
      stagedSums[at + d] = Math.fma(weight, row[d], stagedSums[at + d]);
    }
  }
}
