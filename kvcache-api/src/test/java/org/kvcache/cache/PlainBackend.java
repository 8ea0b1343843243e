package org.kvcache.cache;

import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;
import org.kvcache.AttentionWindow;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.PagedKv;

/** Attention in double precision over rows read one by one. */
public final class PlainBackend implements AttentionBackend {

  @Override
  public String name() {
    return "plain";
  }

  @Override
  public String summary() {
    return "for tests";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public @Nullable String unavailable() {
    return null;
  }

  @Override
  public AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads) {
    return new Kernel(codec, blockTokens, heads);
  }

  private record Kernel(BlockCodec codec, int blockTokens, int heads) implements AttentionKernel {
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
      int dim = codec.layout().headDim();
      BlockReader reader = codec.newReader(1);
      for (int head = 0; head < heads; head++) {
        double[] sum = new double[dim];
        double total = 0;
        for (int p = 0; p < length; p++) {
          if (p >= window.sinksEnd(length) && p < window.windowStart(length)) {
            continue;
          }
          float[] k = row(kv, reader, p, true, dim);
          float[] v = row(kv, reader, p, false, dim);
          double logit = 0;
          for (int d = 0; d < dim; d++) {
            logit += q[qOffset + head * dim + d] * (double) k[d];
          }
          double weight = Math.exp(logit * logitScale);
          total += weight;
          for (int d = 0; d < dim; d++) {
            sum[d] += weight * v[d];
          }
        }
        for (int d = 0; d < dim; d++) {
          out[outOffset + head * dim + d] = (float) (sum[d] / total);
        }
      }
    }

    private float[] row(PagedKv kv, BlockReader reader, int position, boolean key, int dim) {
      int block = position / blockTokens;
      int row = position % blockTokens;
      if (position >= kv.encoded()) {
        long offset = key ? kv.stagedKey(row) : kv.stagedValue(row);
        return kv.staged(block).asSlice(offset, 4L * dim).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
      }
      int group = codec.keys().rowGroup();
      float[] rows = new float[group * dim];
      int first = row / group * group;
      if (key) {
        reader.keys(kv.memory(), kv.block(block), first, group, rows, 0);
      } else {
        reader.values(kv.memory(), kv.block(block), first, group, rows, 0);
      }
      float[] result = new float[dim];
      System.arraycopy(rows, (row - first) * dim, result, 0, dim);
      return result;
    }
  }
}
