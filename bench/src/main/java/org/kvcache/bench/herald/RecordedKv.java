package org.kvcache.bench.herald;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.bench.diffusion.AttentionObserver;
import org.kvcache.bench.diffusion.BlockKv;
import org.kvcache.bench.diffusion.DiffusionConfig;
import org.kvcache.bench.diffusion.FullAttention;
import org.kvcache.bench.diffusion.LookUpTask;

/**
 * Full attention in binary32 that remembers all that choices are judged by: K and V of every
 * committed block, queries, and what each token of the prefix was paid. Belongs to one thread.
 */
final class RecordedKv implements BlockKv {

  /** A denoised block. Rows of queries are tokens. */
  static final class Denoised {

    private final int start;
    private final List<float[][]> queries = new ArrayList<>();
    private final float[][] ahead;
    private final List<float[][]> paid = new ArrayList<>();

    private Denoised(int start, int layers) {
      this.start = start;
      ahead = new float[layers][];
    }

    /** Tokens committed before it. */
    int start() {
      return start;
    }

    /** Queries of a step in a layer; on the first step all tokens are masked. */
    float[] queries(int step, int layer) {
      return queries.get(step)[layer];
    }

    /** Queries of the next block, all masked, behind a draft of this one. */
    float[] ahead(int layer) {
      return ahead[layer];
    }

    /**
     * By step, then layer and KV head: what its queries together pay to each token before the last
     * committed block.
     */
    List<float[][]> paid() {
      return paid;
    }
  }

  private final DiffusionConfig config;
  private final FullAttention full;
  private final List<float[][]> keys = new ArrayList<>();
  private final List<float[][]> values = new ArrayList<>();
  private final List<Denoised> denoised = new ArrayList<>();
  private @Nullable Denoised open;

  /** Room for {@code capacity} tokens. */
  RecordedKv(DiffusionConfig config, int capacity) {
    this.config = config;
    full = new FullAttention(config, capacity, true, new Payments());
  }

  /** K of every committed block by layer, rows of {@code kvDim}. */
  List<float[][]> keys() {
    return keys;
  }

  /** The same for V. */
  List<float[][]> values() {
    return values;
  }

  List<Denoised> denoised() {
    return denoised;
  }

  @Override
  public int length() {
    return full.length();
  }

  @Override
  public OpenBlock beginPrompt(int tokens) {
    return new Recorded(full.beginPrompt(tokens), null);
  }

  @Override
  public OpenBlock begin(int tokens) {
    open = new Denoised(full.length(), config.layers());
    return new Recorded(full.begin(tokens), open);
  }

  private final class Payments implements AttentionObserver {

    @Override
    public void weights(int layer, int kvHead, float[] weights, int rows, int tokens) {
      Denoised block = open;
      if (block == null) {
        return;
      }
      if (layer == 0 && kvHead == 0) {
        block.paid.add(new float[config.layers() * config.kvHeads()][]);
      }
      int prefix = Math.max(0, tokens - 2 * LookUpTask.BLOCK);
      float[] sums = new float[prefix];
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < prefix; i++) {
          sums[i] += weights[row * tokens + i];
        }
      }
      block.paid.getLast()[layer * config.kvHeads() + kvHead] = sums;
    }
  }

  private final class Recorded implements OpenBlock {

    private final OpenBlock block;
    private final @Nullable Denoised record;
    private final float[][] k = new float[config.layers()][];
    private final float[][] v = new float[config.layers()][];

    Recorded(OpenBlock block, @Nullable Denoised record) {
      this.block = block;
      this.record = record;
    }

    @Override
    public boolean write(int layer, float[] rowsOfK, float[] rowsOfV) {
      k[layer] = rowsOfK.clone();
      v[layer] = rowsOfV.clone();
      return block.write(layer, rowsOfK, rowsOfV);
    }

    @Override
    public boolean attend(int layer, float[] q, float[] out) {
      if (record != null) {
        if (layer == 0) {
          record.queries.add(new float[config.layers()][]);
        }
        record.queries.getLast()[layer] = q.clone();
      }
      return block.attend(layer, q, out);
    }

    @Override
    public @Nullable LookAhead lookAhead() {
      LookAhead pass = block.lookAhead();
      return pass == null || record == null ? pass : new Ahead(pass, record);
    }

    @Override
    public void commit(int[] tokens) {
      block.commit(tokens);
      keys.add(k);
      values.add(v);
      if (record != null) {
        // The pass that commits is not a step, and does not attend in the last layer.
        record.paid.removeLast();
        denoised.add(record);
        open = null;
      }
    }

    @Override
    public void close() {
      block.close();
    }
  }

  private record Ahead(LookAhead pass, Denoised block) implements LookAhead {

    @Override
    public boolean write(int layer, float[] k, float[] v) {
      return pass.write(layer, k, v);
    }

    @Override
    public boolean attend(int layer, float[] q, float[] out) {
      float[] masked = new float[q.length / 2];
      System.arraycopy(q, masked.length, masked, 0, masked.length);
      block.ahead[layer] = masked;
      return pass.attend(layer, q, out);
    }

    @Override
    public void close() {
      pass.close();
    }
  }
}
