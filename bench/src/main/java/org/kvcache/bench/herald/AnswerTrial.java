package org.kvcache.bench.herald;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.RetrievalStats;
import org.kvcache.bench.diffusion.Denoiser;
import org.kvcache.bench.diffusion.DiffusionConfig;
import org.kvcache.bench.diffusion.LookUpTask;
import org.kvcache.bench.diffusion.LookUpTask.Kind;
import org.kvcache.bench.diffusion.LookUpTask.Score;
import org.kvcache.bench.diffusion.SequenceKv;
import org.kvcache.sim.cli.Progress;

/** Answers the tasks through a cache with retrieval, one after another. */
final class AnswerTrial {

  /** The choices of two blocks and the last committed ones. */
  private static final double DEVICE_SHARE = 4;

  private static final long ALIGNMENT_ROOM = 1 << 20;

  private final DiffusionConfig config;
  private final Denoiser denoiser;
  private final double slack;

  /** Trials with as much slack on the device. */
  AnswerTrial(DiffusionConfig config, Denoiser denoiser, double slack) {
    this.config = config;
    this.denoiser = denoiser;
    this.slack = slack;
  }

  /**
   * What came out.
   *
   * @param scores by kind
   * @param stats of the retrieval
   */
  record Result(Map<Kind, Score> scores, RetrievalStats stats) {}

  Result run(
      List<PromptKv> prompts,
      RetrievalMethod method,
      KeyScheme scheme,
      double budget,
      Progress progress) {
    var scores = new EnumMap<Kind, Score>(Kind.class);
    try (KvCache cache = open(prompts, method, scheme, budget)) {
      for (PromptKv prompt : prompts) {
        scores.merge(prompt.task().kind(), answer(cache, prompt), Score::plus);
        progress.step();
      }
      RetrievalStats stats = cache.stats().retrieval();
      if (stats.hostLayers() > 0) {
        throw new IllegalStateException(
            "%s at %s: %d layers saw the whole prefix because the device was full"
                .formatted(method.name(), budget, stats.hostLayers()));
      }
      return new Result(scores, stats);
    }
  }

  private Score answer(KvCache cache, PromptKv prompt) {
    LookUpTask task = prompt.task();
    try (KvSequence sequence = cache.begin(task.promptTokens())) {
      var kv = new SequenceKv(sequence, config.kvShape());
      prompt.fill(kv);
      return task.score(denoiser.generate(kv, task.blocks()));
    }
  }

  private KvCache open(
      List<PromptKv> prompts, RetrievalMethod method, KeyScheme scheme, double budget) {
    int longest =
        prompts.stream()
            .mapToInt(prompt -> prompt.task().prompt().length() + prompt.task().expected().length())
            .max()
            .orElse(0);
    long bytes = ALIGNMENT_ROOM + longest * config.kvShape().floatBytesPerToken();
    var builder =
        KvCacheConfig.builder()
            .shape(config.kvShape())
            .blockTokens(LookUpTask.BLOCK)
            .scheme(scheme.stored())
            .policy("lru")
            .memory(2 * bytes);
    if (!method.retriever().equals(RetrievalMethod.DENSE)) {
      builder.retrieval(
          method
              .settings(budget, scheme)
              .slack(slack)
              .deviceBytes((long) ((DEVICE_SHARE + 2 * slack) * bytes))
              .build());
    }
    return KvCache.open(builder.build());
  }
}
