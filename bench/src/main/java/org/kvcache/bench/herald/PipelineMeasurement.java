package org.kvcache.bench.herald;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.Retrieval;
import org.kvcache.RetrievalStats;

/**
 * Measures the pipeline of this library on a page device, block after block of one sequence: with
 * the set chosen before denoising, with a look-ahead, on 16-bit and on 4-bit keys, and on a real
 * device against everything on the device.
 *
 * <p>On the device {@code modelled} denoising takes the time that the model gives its passes, which
 * is waited for, so the processor is as free as beside a GPU. A block with look-ahead is compared
 * with the ideal one, whose retrieval is hidden behind all denoising steps but the first; what is
 * neither denoising nor retrieval is taken from the blocks that do one after the other.
 */
final class PipelineMeasurement {

  private static final int WARM_UP = 10;

  /**
   * What is measured.
   *
   * @param shape layers and heads, of which there may be fewer layers than the model has
   * @param device of {@link org.kvcache.spi.PageDevice}, options and all
   * @param context tokens before the first block
   * @param blockTokens of a denoising block
   * @param steps denoising passes
   * @param stepNanos what a pass takes on the modelled device; 0 on a real one
   * @param budget share of the context in the set
   * @param queries asked of a block
   * @param blocks measured
   */
  record Setting(
      KvShape shape,
      String device,
      int context,
      int blockTokens,
      int steps,
      long stepNanos,
      double budget,
      int queries,
      int blocks) {}

  /** A way to serve the blocks. */
  enum Serving {
    DENSE("all on the device", "bf16", false),
    SERIAL("16-bit keys, chosen first", "bf16", false),
    AHEAD("16-bit keys, chosen ahead", "bf16", true),
    SERIAL_4_BIT("4-bit keys, chosen first", "mxfp4", false),
    AHEAD_4_BIT("4-bit keys, chosen ahead", "mxfp4", true);

    private final String label;
    private final String scheme;
    private final boolean lookAhead;

    Serving(String label, String scheme, boolean lookAhead) {
      this.label = label;
      this.scheme = scheme;
      this.lookAhead = lookAhead;
    }

    String label() {
      return label;
    }
  }

  /**
   * What was measured, medians over the blocks.
   *
   * @param blockMillis of a block
   * @param retrievalMillis of choosing and moving a set
   * @param idealMillis of a block with perfect overlap: what is neither denoising nor retrieval,
   *     and the longer of denoising, and of the first step and the retrieval; null where denoising
   *     is not known
   * @param overlap share of what can be hidden that was hidden; null where nothing overlaps
   * @param reuse share of the chosen pages that were on the device
   * @param movedMegabytes moved to the device for a block, without the tail
   */
  record Row(
      int context,
      Serving serving,
      double blockMillis,
      double retrievalMillis,
      @Nullable Double idealMillis,
      @Nullable Double overlap,
      double tokensPerSecond,
      @Nullable Double reuse,
      double movedMegabytes) {}

  private final Setting setting;
  private final boolean modelled;

  PipelineMeasurement(Setting setting) {
    this.setting = setting;
    modelled = setting.stepNanos() > 0;
  }

  /** How many rows there will be. */
  int ways() {
    return modelled ? Serving.values().length - 1 : Serving.values().length;
  }

  /** Measures every serving. */
  List<Row> rows(Consumer<Row> done) {
    var rows = new ArrayList<Row>();
    Row serial = null;
    for (Serving serving : Serving.values()) {
      if (serving == Serving.DENSE && modelled) {
        continue; // everything on the device is the model's business
      }
      Row row = measure(serving, serving.lookAhead ? serial : null);
      serial = row;
      rows.add(row);
      done.accept(row);
    }
    return rows;
  }

  private Row measure(Serving serving, @Nullable Row serial) {
    Setting of = setting;
    try (var loop =
            new BlockLoop(of.shape(), of.blockTokens(), of.steps(), of.stepNanos(), !modelled);
        KvCache cache = KvCache.open(config(serving));
        KvSequence sequence = loop.begin(cache, of.context())) {
      for (int i = 0; i < WARM_UP; i++) {
        loop.block(sequence);
      }
      RetrievalStats before = cache.stats().retrieval();
      double[] blocks = new double[of.blocks()];
      double[] retrievals = new double[of.blocks()];
      for (int i = 0; i < of.blocks(); i++) {
        long waited = cache.stats().retrieval().waitNanos();
        BlockLoop.Times times = loop.block(sequence);
        blocks[i] = times.blockNanos() / 1e6;
        long own = cache.stats().retrieval().waitNanos() - waited;
        retrievals[i] = (serving.lookAhead ? times.retrievalNanos() : own) / 1e6;
      }
      return row(serving, before, cache.stats().retrieval(), blocks, retrievals, serial, loop);
    }
  }

  private Row row(
      Serving serving,
      RetrievalStats before,
      RetrievalStats after,
      double[] blocks,
      double[] retrievals,
      @Nullable Row serial,
      BlockLoop loop) {
    double block = BlockLoop.median(blocks);
    double retrieval = BlockLoop.median(retrievals);
    double denoising = loop.denoisingNanos() / 1e6;
    Double ideal = null;
    Double overlap = null;
    if (serial != null && modelled) {
      double besides = serial.blockMillis() - denoising - serial.retrievalMillis();
      double later = denoising - loop.firstStepNanos() / 1e6;
      ideal = besides + denoising + retrieval - Math.min(later, retrieval);
      overlap = (besides + denoising + retrieval - block) / Math.min(later, retrieval);
    }
    long wanted = after.wantedPages() - before.wantedPages();
    long moved = after.movedPages() - before.movedPages();
    return new Row(
        setting.context(),
        serving,
        block,
        retrieval,
        ideal,
        overlap,
        setting.blockTokens() * 1e3 / block,
        wanted == 0 ? null : Double.valueOf(1 - (double) moved / wanted),
        (after.movedBytes() - before.movedBytes()) / 1e6 / setting.blocks());
  }

  private KvCacheConfig config(Serving serving) {
    KvShape shape = setting.shape();
    boolean dense = serving == Serving.DENSE;
    long tokens = setting.context() + (WARM_UP + setting.blocks() + 2L) * setting.blockTokens();
    long bytes = tokens * shape.floatBytesPerToken(); // more than any scheme takes
    var retrieval =
        Retrieval.builder()
            .retriever(dense ? "all" : "herald")
            .budget(dense ? 1 : setting.budget())
            .queries(setting.queries())
            .lookAhead(serving.lookAhead)
            .minTokens(2 * setting.blockTokens())
            .device(setting.device())
            .deviceBytes(dense ? bytes : (long) (bytes * Math.min(1, 4 * setting.budget())));
    return KvCacheConfig.builder()
        .shape(shape)
        .memory(bytes)
        .scheme(serving.scheme)
        .retrieval(retrieval.build())
        .build();
  }
}
