package org.kvcache.offload.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.kvcache.AttentionWindow;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.PagedKv;

/** Decodes every row and sums in double precision; allocates nothing but a growing array. */
public final class DecodingBackend implements AttentionBackend {

  @Override
  public String name() {
    return "decoding";
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

  private static final class Kernel implements AttentionKernel {
    private final BlockReader reader;
    private final int blockTokens;
    private final int heads;
    private final int dim;
    private final float[] row;
    private final double[] sums;
    private double[] weights = new double[1024];

    Kernel(BlockCodec codec, int blockTokens, int heads) {
      reader = codec.newReader(1);
      this.blockTokens = blockTokens;
      this.heads = heads;
      dim = codec.layout().headDim();
      row = new float[dim];
      sums = new double[dim];
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
        weights = new double[length];
      }
      for (int at = 0; at < heads * dim; at += dim) {
        double max = Double.NEGATIVE_INFINITY;
        for (int t = 0; t < length; t++) {
          read(kv, t, true);
          double logit = 0;
          for (int d = 0; d < dim; d++) {
            logit += (double) q[qOffset + at + d] * row[d];
          }
          weights[t] = logit * logitScale;
          max = Math.max(max, weights[t]);
        }
        double sum = 0;
        Arrays.fill(sums, 0);
        for (int t = 0; t < length; t++) {
          double weight = Math.exp(weights[t] - max);
          sum += weight;
          read(kv, t, false);
          for (int d = 0; d < dim; d++) {
            sums[d] += weight * row[d];
          }
        }
        for (int d = 0; d < dim; d++) {
          out[outOffset + at + d] = (float) (sums[d] / sum);
        }
      }
    }

    private void read(PagedKv kv, int token, boolean key) {
      int in = token % blockTokens;
      int block = token / blockTokens;
      if (token >= kv.encoded()) {
        MemorySegment staged = kv.staged(block);
        long from = key ? kv.stagedKey(in) : kv.stagedValue(in);
        MemorySegment.copy(staged, ValueLayout.JAVA_FLOAT_UNALIGNED, from, row, 0, dim);
      } else if (key) {
        reader.keys(kv.memory(), kv.block(block), in, 1, row, 0);
      } else {
        reader.values(kv.memory(), kv.block(block), in, 1, row, 0);
      }
    }
  }
}
