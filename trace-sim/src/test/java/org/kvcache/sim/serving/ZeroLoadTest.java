package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.PassModel;
import org.kvcache.sim.cost.PipelineModel;
import org.kvcache.sim.cost.RetrievalPlan;
import org.kvcache.sim.cost.RetrievalTime;
import org.kvcache.sim.cost.Workload;
import org.kvcache.sim.trace.Trace;

/** One request at a time takes what the cost model says, in closed form. */
class ZeroLoadTest {
  private static final int BLOCK = 16;
  private static final ModelShape LLAMA = Machines.model("llama3-8b");
  private static final ModelShape SDAR = Machines.model("sdar-8b");
  private static final Hardware H100 = Machines.device("h100");
  private static final Load RECORDED = new Load.Recorded(1);

  @ParameterizedTest
  @CsvSource({"1, 8192", "8192, 8192", "20000, 8192", "20000, 700", "20001, 20001"})
  void firstTokenTakesTheChunksOfThePrompt(int input, int passTokens) {
    ServingConfig config = llama(passTokens);
    ServingRun run = run(Prompts.of(BLOCK, input, 1), config);
    assertClose(run.outcomes().timeToFirstToken(0), prefill(config.passes(), 0, input, passTokens));
    assertThat(run.totals().passes()).isEqualTo(Math.ceilDiv(input, passTokens));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void eachLaterTokenTakesADecodePass(int gpus) {
    int input = 3000;
    int output = 40;
    ServingConfig config = Machines.withGpus(llama(8192), gpus);
    PassModel passes = new PassModel(LLAMA, H100, gpus);
    double seconds = prefill(passes, 0, input, 8192);
    for (int context = input + 1; context < input + output; context++) {
      seconds += passes.decodeSeconds(1, context);
    }
    ServingRun run = run(Prompts.of(BLOCK, input, output), config);
    assertClose(run.outcomes().finish(0), seconds);
    assertClose(run.totals().busySeconds(), seconds);
    assertThat(run.totals().passes()).isEqualTo(output);
  }

  @Test
  void cachedPrefixIsNotComputedAgain() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace = prompts.add(0, 4000, 1, -1, ids(250)).add(1e6, 4800, 1, -1, ids(250)).trace();
    }
    ServingConfig config = llama(8192);
    ServingRun run = run(trace, config);
    assertThat(run.outcomes().cachedTokens(1)).isEqualTo(4000);
    assertClose(run.outcomes().timeToFirstToken(1), config.passes().prefillSeconds(4000, 800));
  }

  @Test
  void lastTokenOfACachedPromptIsComputed() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace = prompts.add(0, 4000, 1, -1, ids(250)).add(1e6, 4000, 1, -1, ids(250)).trace();
    }
    ServingRun run = run(trace, llama(8192));
    assertThat(run.outcomes().cachedTokens(1)).isEqualTo(4000 - BLOCK);
    assertThat(run.outcomes().computedTokens(1)).isEqualTo(BLOCK);
  }

  @Test
  void nextTurnFindsTheAnswerBeforeIt() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace = prompts.add(0, 100, 61, 0, ids(12)).add(1e6, 200, 1, 0, ids(12)).trace();
    }
    // Of 161 tokens the last was never computed: 160 make 10 full blocks.
    assertThat(run(trace, llama(8192)).outcomes().cachedTokens(1)).isEqualTo(160);
  }

  @ParameterizedTest
  @EnumSource(TierSize.Place.class)
  void restoreTakesItsWayThenTheRestIsComputed(TierSize.Place place) {
    int common = 1600;
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace =
          prompts
              .add(0, common, 1, -1, ids(100))
              .add(1e6, 3000, 1)
              .add(2e6, common + 160, 1, -1, ids(100))
              .trace();
    }
    double blockBytes = BLOCK * LLAMA.kvBytesPerToken();
    ServingConfig config =
        llama(8192)
            .withCacheBytes(200 * blockBytes)
            .withTiers(List.of(new TierSize(place, 1000 * blockBytes)));
    ServingRun run = run(trace, config);
    int cached = run.outcomes().cachedTokens(2);
    int restored = run.outcomes().restoredTokens(2, place);
    assertThat(restored).isPositive();
    assertThat(cached + restored).isEqualTo(common);
    double bytes = restored * LLAMA.kvBytesPerToken();
    double overLink = bytes / H100.link().reachedBandwidth();
    double moving =
        switch (place) {
          case HOST -> overLink;
          case DISK -> Math.max(overLink, seconds(H100.disk(), bytes));
          case REMOTE -> Math.max(overLink, seconds(H100.network(), bytes));
        };
    assertClose(
        run.outcomes().timeToFirstToken(2), moving + config.passes().prefillSeconds(common, 160));
    assertThat(run.totals().restoredBytes()).isCloseTo(bytes, withinPercentage(1e-7));
  }

  private static double seconds(Hardware.Store store, double bytes) {
    return bytes / store.bandwidth() + store.seconds();
  }

  @ParameterizedTest
  @CsvSource({"32, 20", "4, 1", "64, 5"})
  void diffusionTakesItsPassesOverEveryBlock(int block, int steps) {
    int input = 3000;
    int output = 5 * block - 1;
    ServingConfig config =
        ServingConfig.of(SDAR, H100, "lru").withDecoding(new Decoding.BlockDiffusion(block, steps));
    var pipeline = new PipelineModel(SDAR, H100);
    double seconds = prefill(config.passes(), 0, input, 8192);
    ServingRun run = run(Prompts.of(BLOCK, input, output), config);
    for (int i = 0; i < 5; i++) {
      int context = input + i * block;
      double blockSeconds = (steps + 1) * pipeline.passSeconds(1, block, context);
      assertClose(
          blockSeconds, pipeline.dense(new Workload(context, block, steps), 1).blockSeconds());
      seconds += blockSeconds;
      if (i == 0) {
        assertClose(run.outcomes().firstToken(0), seconds);
      }
    }
    assertClose(run.outcomes().finish(0), seconds);
    assertThat(run.outcomes().generatedTokens(0)).isEqualTo(output);
  }

  /** Answers of one block more, so that the difference is the block before the last. */
  @ParameterizedTest
  @CsvSource({
    "100000, 0.05, 0.0, true", "100000, 0.05, 0.0, false", "3000, 0.05, 0.0, true",
    "3000, 0.05, 0.0, false", "100000, 0.2, 0.5, true", "100000, 0.2, 0.5, false",
    "100000, 1.0, 0.0, true", "100000, 1.0, 0.0, false"
  })
  void blockOfALongAnswerTakesWhatThePipelineSays(
      int input, double budget, double reuse, boolean lookAhead) {
    int block = 32;
    int steps = 20;
    var plan = new RetrievalPlan(budget, 1, 16, reuse, 1, lookAhead);
    ServingConfig config = herald(block, steps, plan);
    double before = finish(config, input, 3 * block);
    for (int blocks = 4; blocks < 7; blocks++) {
      double seconds = finish(config, input, blocks * block);
      double growth = seconds - before;
      before = seconds;
      // One block more looks ahead, and the last one denoises over more.
      int context = input + (blocks - 1) * block;
      double expected =
          lookAhead
              ? lookAheadBlock(plan, new Workload(context - block, block, steps))
                  + last(plan, context, block, steps)
                  - last(plan, context - block, block, steps)
              : pipeline().herald(new Workload(context, block, steps), plan, 1).blockSeconds();
      assertThat(growth).isCloseTo(expected, within(1e-9 * seconds));
    }
  }

  /** The set of the block after is chosen of a context that is a block longer. */
  private static double lookAheadBlock(RetrievalPlan plan, Workload work) {
    int block = work.blockTokens();
    double read = plan.budget() * work.contextTokens() + 2.0 * block;
    double step = pipeline().passSeconds(1, block, read);
    double draft = pipeline().passSeconds(1, 2 * block, read) - step;
    double retrieval =
        pipeline()
            .retrieval(new Workload(work.contextTokens() + block, block, work.steps()), plan, 1)
            .seconds();
    double seconds = Math.max((work.steps() + 1) * step + draft, step + draft + retrieval);
    assertThat(seconds)
        .isCloseTo(pipeline().herald(work, plan, 1).blockSeconds(), withinPercentage(0.1));
    return seconds;
  }

  private static double last(RetrievalPlan plan, int context, int block, int steps) {
    return (steps + 1) * pipeline().passSeconds(1, block, plan.budget() * context + 2.0 * block);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void wholeAnswerWithRetrievalInClosedForm(boolean lookAhead) {
    int input = 50_000;
    int block = 32;
    int steps = 4;
    int blocks = 6;
    var plan = new RetrievalPlan(0.1, 1, 16, 0, 1, lookAhead);
    ServingConfig config = herald(block, steps, plan);
    double seconds =
        prefill(config.passes(), 0, input, 8192)
            + pipeline().retrieval(new Workload(input, block, steps), plan, 1).seconds();
    for (int i = 0; i < blocks; i++) {
      int context = input + i * block;
      var work = new Workload(context, block, steps);
      if (lookAhead) {
        seconds += i == blocks - 1 ? last(plan, context, block, steps) : lookAheadBlock(plan, work);
      } else {
        seconds += i == 0 ? last(plan, context, block, steps) : 0;
        seconds += i == 0 ? 0 : pipeline().herald(work, plan, 1).blockSeconds();
      }
    }
    assertClose(finish(config, input, blocks * block), seconds);
  }

  @Test
  void batchThatLooksAheadAgreesWithThePipeline() {
    var plan = new RetrievalPlan(0.1, 1, 16, 0, 1, true);
    int batch = 6;
    assertThat(answerSeconds(plan, batch))
        .isCloseTo(pipelineSeconds(plan, batch), withinPercentage(4));
  }

  /**
   * Without look-ahead sequences fall out of step, and one's set is chosen beside another's pass.
   */
  @Test
  void batchOutOfStepIsFasterThanInStepAndSlowerThanAlone() {
    var plan = new RetrievalPlan(0.1, 1, 16, 0, 1, false);
    assertThat(answerSeconds(plan, 6))
        .isBetween(pipelineSeconds(plan, 1), pipelineSeconds(plan, 6));
    assertThat(answerSeconds(plan, 1)).isCloseTo(pipelineSeconds(plan, 1), withinPercentage(1e-7));
  }

  private static final int LONG_PROMPT = 20_000;
  private static final int LONG_ANSWER_BLOCKS = 40;

  /** Mean seconds of a long answer without its first block; prompts are done in two passes. */
  private static double answerSeconds(RetrievalPlan plan, int batch) {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      for (int i = 0; i < batch; i++) {
        prompts.add(0, LONG_PROMPT, LONG_ANSWER_BLOCKS * 32);
      }
      trace = prompts.trace();
    }
    ServingConfig config =
        herald(32, 20, plan)
            .withBatching(new Batching(batch, 1 << 20, Batching.Preemption.RECOMPUTE, 0));
    ServingRun run = run(trace, config);
    RetrievalTime one = pipeline().retrieval(new Workload(LONG_PROMPT, 32, 20), plan, 1);
    assertThat(run.totals().selectedBytes())
        .isCloseTo(batch * LONG_ANSWER_BLOCKS * one.movedBytes(), withinPercentage(5));
    double answer = 0;
    for (int r = 0; r < batch; r++) {
      answer += (run.outcomes().finish(r) - run.outcomes().firstToken(r)) / batch;
    }
    return answer;
  }

  private static double pipelineSeconds(RetrievalPlan plan, int batch) {
    double seconds = 0;
    for (int i = 1; i < LONG_ANSWER_BLOCKS; i++) {
      var work = new Workload(LONG_PROMPT + i * 32, 32, 20);
      seconds += pipeline().herald(work, plan, batch).blockSeconds();
    }
    return seconds;
  }

  private static ServingConfig llama(int passTokens) {
    return ServingConfig.of(LLAMA, H100, "lru")
        .withBatching(new Batching(256, passTokens, Batching.Preemption.RECOMPUTE, 0));
  }

  private static ServingConfig herald(int block, int steps, RetrievalPlan plan) {
    return ServingConfig.of(SDAR, H100, "lru")
        .withDecoding(new Decoding.Herald(block, steps, plan));
  }

  private static PipelineModel pipeline() {
    return new PipelineModel(SDAR, H100);
  }

  private static double finish(ServingConfig config, int input, int output) {
    return run(Prompts.of(BLOCK, input, output), config).outcomes().finish(0);
  }

  private static double prefill(PassModel passes, int from, int input, int passTokens) {
    double seconds = 0;
    for (int at = from; at < input; at += passTokens) {
      seconds += passes.prefillSeconds(at, Math.min(passTokens, input - at));
    }
    return seconds;
  }

  private static long[] ids(int count) {
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = i;
    }
    return ids;
  }

  private static ServingRun run(Trace trace, ServingConfig config) {
    return new ServingSimulator(trace).run(config, RECORDED, 1);
  }

  private static void assertClose(double actual, double expected) {
    assertThat(actual).isCloseTo(expected, within(1e-9 * expected));
  }
}
