package org.kvcache.bench.herald;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.List;
import org.kvcache.HeadCalibration;
import org.kvcache.bench.diffusion.DiffusionConfig;
import org.kvcache.bench.diffusion.LookUpTask;
import org.kvcache.bench.herald.RecordedKv.Denoised;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.BlockRetriever;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.PageSelector;
import org.kvcache.spi.SelectorContext;

/**
 * What choices would have kept of full attention along its own answer: the share of what the
 * queries of a block pay to the prefix before the last committed block that falls on the chosen
 * pages. The mean is over denoising steps, layers, KV heads and all blocks but the first, for which
 * nothing can be chosen ahead.
 */
final class KeptAttention {

  private static final int BLOCK = LookUpTask.BLOCK;

  private final DiffusionConfig config;
  private final RecordedKv full;

  KeptAttention(DiffusionConfig config, RecordedKv full) {
    this.config = config;
    this.full = full;
  }

  /** For each budget. */
  List<Kept> measure(RetrievalMethod method, KeyScheme scheme, List<Double> budgets) {
    var sums = new Kept[budgets.size()];
    Arrays.fill(sums, Kept.NONE);
    for (int layer = 0; layer < config.layers(); layer++) {
      for (int head = 0; head < config.kvHeads(); head++) {
        try (Arena arena = Arena.ofConfined()) {
          new Head(method, scheme, layer, head, arena).measure(budgets, sums);
        }
      }
    }
    return List.of(sums);
  }

  /** One layer and KV head. */
  private final class Head {

    private final RetrievalMethod method;
    private final boolean everyStep;
    private final int layer;
    private final int head;
    private final int pageTokens;
    private final int group = config.kvShape().groupSize();
    private final EncodedKeys keys;
    private final CountingBackend backend = new CountingBackend(AttentionBackend.best());
    private final PageSelector selector;
    private final int[] chosen;

    Head(RetrievalMethod method, KeyScheme scheme, int layer, int head, Arena arena) {
      this.method = method;
      this.layer = layer;
      this.head = head;
      var codec =
          CodecCatalog.bind(
              CodecCatalog.scheme(scheme.stored()),
              config.headDim(),
              BLOCK,
              HeadCalibration.identity(config.headDim()));
      keys = new EncodedKeys(codec, BLOCK, full.keys().size(), arena);
      pageTokens = method.byToken() ? 1 : BLOCK;
      BlockRetriever retriever = BlockRetriever.named(method.retriever());
      everyStep = retriever.everyStep();
      selector =
          retriever.selector(
              new SelectorContext(
                  codec,
                  backend,
                  BLOCK,
                  pageTokens,
                  group,
                  (float) (1 / Math.sqrt(config.headDim())),
                  method.settings(1, scheme).build()));
      chosen = new int[full.keys().size() * BLOCK / pageTokens];
    }

    void measure(List<Double> budgets, Kept[] sums) {
      for (int i = 1; i < full.denoised().size(); i++) {
        Denoised block = full.denoised().get(i);
        Denoised before = full.denoised().get(i - 1);
        reach(block.start() / BLOCK - 1);
        for (int b = 0; b < sums.length; b++) {
          int count = SetSize.pages(budgets.get(b), block.start(), pageTokens);
          long asked = backend.queries();
          double shares = 0;
          int choices = 0;
          int pages = 0;
          for (int step = 0; step < block.paid().size(); step++) {
            if (step == 0 || everyStep) {
              float[] q = method.ahead() ? before.ahead(layer) : block.queries(step, layer);
              pages = choose(q, count);
              choices++;
            }
            shares += share(block.paid().get(step)[layer * config.kvHeads() + head], pages);
          }
          double tokens = (double) (backend.queries() - asked) / group;
          sums[b] = sums[b].plus(new Kept(shares, block.paid().size(), tokens, choices));
        }
      }
    }

    private void reach(int blocks) {
      int from = keys.blocks();
      for (int block = from; block < blocks; block++) {
        keys.add(full.keys().get(block)[layer], head * config.headDim(), config.kvDim());
      }
      selector.add(keys, from, blocks);
    }

    private int choose(float[] q, int count) {
      int offset = head * (config.queryDim() / config.kvHeads());
      return selector.select(
          keys, keys.encoded(), q, offset, config.queryDim(), BLOCK, count, chosen);
    }

    private double share(float[] paid, int pages) {
      double all = 0;
      for (float token : paid) {
        all += token;
      }
      double kept = 0;
      for (int i = 0; i < pages; i++) {
        for (int t = chosen[i] * pageTokens; t < (chosen[i] + 1) * pageTokens; t++) {
          kept += paid[t];
        }
      }
      return kept / Math.max(all, Float.MIN_NORMAL);
    }
  }
}
