package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kvcache.sim.cost.PassModel;
import org.kvcache.sim.cost.RetrievalPlan;
import org.kvcache.sim.trace.Trace;

class SchedulingTest {
  private static final int BLOCK = 4;
  private static final double ROUNDING = 1e-9;

  @Test
  void sequenceThatHoldsWhatItSharesTwiceComesBackAlone() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace =
          prompts
              .add(0, 4, 1) // while it runs the others arrive
              .add(0, 16, 1, -1, 1, 2, 3, 4)
              .add(0, 16, 12, -1, 1, 2, 3, 4)
              .trace();
    }
    Outcomes outcomes = run(trace, Machines.small(8, BLOCK)).outcomes();
    assertThat(outcomes.admitted(2)).isEqualTo(outcomes.admitted(1));
    assertThat(outcomes.preemptions(2)).isEqualTo(1);
    assertThat(outcomes.generatedTokens(2)).isEqualTo(12);
  }

  @Test
  void nextGetsInWhenItsPrefixIsPublished() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace =
          prompts
              .add(0, 40, 8, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
              .add(0, 40, 1, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11)
              .trace();
    }
    // It tries in vain in the second of two passes over the first prompt.
    ServingConfig config =
        Machines.small(12, BLOCK)
            .withBatching(new Batching(8, 24, Batching.Preemption.RECOMPUTE, 0));
    Outcomes outcomes = run(trace, config).outcomes();
    assertThat(outcomes.admitted(1)).isEqualTo(outcomes.firstToken(0));
    assertThat(outcomes.cachedTokens(1)).isEqualTo(36);
  }

  @Test
  void nextGetsInWhenOneEnds() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace = prompts.add(0, 40, 8).add(0, 40, 1).add(0, 4, 1).trace();
    }
    Outcomes outcomes = run(trace, Machines.small(14, BLOCK)).outcomes();
    assertThat(outcomes.admitted(1)).isEqualTo(outcomes.finish(0));
    // The last one would fit, but it is not its turn.
    assertThat(outcomes.admitted(2)).isEqualTo(outcomes.finish(0));
  }

  @Test
  void nextGetsInWhenAPromptLeavesTheGpu() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace = prompts.add(0, 400, 40).add(0, 400, 40).trace();
    }
    var plan = new RetrievalPlan(0.05, 1, 16, 0, 1, true);
    ServingConfig config =
        ServingConfig.of(Machines.SMALL, Machines.slow(500), "lru")
            .withBatching(new Batching(8, 300, Batching.Preemption.RECOMPUTE, 0))
            .withDecoding(new Decoding.Herald(4, 3, plan));
    Outcomes outcomes = run(trace, config).outcomes();
    PassModel passes = config.passes();
    double prompt = passes.prefillSeconds(0, 300) + passes.prefillSeconds(300, 100);
    assertThat(outcomes.admitted(1)).isCloseTo(prompt, within(ROUNDING));
    assertThat(outcomes.firstToken(0)).isGreaterThan(prompt);
  }

  @Test
  void promptThatNoLongerFitsTheGpuOnceItBrokeOffIsRefusedAtOnce() {
    var plan = new RetrievalPlan(0.05, 1, 16, 0, 1, true);
    ServingConfig config =
        ServingConfig.of(Machines.SMALL, Machines.slow(120), "lru")
            .withDecoding(new Decoding.Herald(4, 3, plan));
    Outcomes fits = run(Prompts.of(BLOCK, 100, 17), config).outcomes();
    assertThat(fits.refused(0)).isFalse();
    Outcomes tooLong = run(Prompts.of(BLOCK, 100, 18), config).outcomes();
    assertThat(tooLong.refused(0)).isTrue();
    assertThat(tooLong.admitted(0)).isNaN();
  }

  @Test
  void newSequenceLeavesTheWatermark() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace = prompts.add(0, 16, 4).add(0, 16, 1).trace();
    }
    var batching = new Batching(8, 512, Batching.Preemption.RECOMPUTE, 0.3);
    ServingConfig config = Machines.small(10, BLOCK).withBatching(batching);
    Outcomes kept = run(trace, config).outcomes();
    assertThat(kept.admitted(1)).isEqualTo(kept.finish(0));
    Outcomes all = run(trace, Machines.small(10, BLOCK)).outcomes();
    assertThat(all.admitted(1)).isEqualTo(all.firstToken(0));
  }

  @Test
  void youngestGivesWayAndNobodyGetsInBeforeIt() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace = prompts.add(0, 8, 25).add(0, 8, 25).add(0, 4, 4).trace();
    }
    var two = new Batching(2, 512, Batching.Preemption.RECOMPUTE, 0);
    Outcomes outcomes = run(trace, Machines.small(9, BLOCK).withBatching(two)).outcomes();
    assertThat(outcomes.preemptions(0)).isZero();
    assertThat(outcomes.preemptions(1)).isPositive();
    assertThat(outcomes.finish(1)).isGreaterThan(outcomes.finish(0));
    assertThat(outcomes.admitted(2)).isGreaterThanOrEqualTo(outcomes.finish(0));
  }

  @Test
  void swappedTokensComeBackOverTheLink() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace = prompts.add(0, 8, 25).add(0, 8, 25).trace();
    }
    ServingConfig recomputing = Machines.small(9, BLOCK);
    ServingRun again = run(trace, recomputing);
    assertThat(again.totals().swappedBytes()).isZero();
    assertThat(again.outcomes().computedTokens(1)).isGreaterThan(8 + 1);
    ServingConfig swapping =
        recomputing.withBatching(new Batching(256, 8192, Batching.Preemption.SWAP, 0.01));
    ServingRun back = run(trace, swapping);
    assertThat(back.outcomes().preemptions(1)).isEqualTo(1);
    // One row more gives the token that was to come when it gave way.
    assertThat(back.outcomes().computedTokens(1)).isEqualTo(8 + 1);
    double swapped = back.totals().swappedBytes();
    assertThat(swapped).isPositive();
    // What the cache still had of the prompt, a block or two, did not have to come back.
    assertThat(back.totals().restoredBytes())
        .isBetween(
            swapped - 8 * Machines.SMALL_TOKEN_BYTES, swapped - 4 * Machines.SMALL_TOKEN_BYTES);
  }

  @Test
  void stepsComeFirstAndChunksTakeTheRest() {
    int rows = 10;
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace =
          prompts
              .add(0, 40, 1, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
              .add(1e6, 240, 1)
              .add(2e6, 140, 1, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
              .add(2e6, 4, 60)
              .trace();
    }
    ServingConfig config =
        Machines.small(60, BLOCK)
            .withTiers(List.of(Machines.tier(TierSize.Place.HOST, 100, BLOCK)))
            .withBatching(new Batching(8, rows, Batching.Preemption.RECOMPUTE, 0));
    ServingRun run = run(trace, config);
    assertThat(run.outcomes().restoredTokens(2, TierSize.Place.HOST)).isPositive();
    PassModel passes = config.passes();
    double longest =
        passes.seconds(rows, 2 * passes.attentionSeconds(144, PassModel.causalPairs(134, rows)));
    assertThat(run.gaps().window(3).max()).isLessThan(longest * 1.01);
    assertThat(run.gaps().window(3).max()).isGreaterThan(passes.seconds(rows, 0) * 0.99);
  }

  @Test
  void noMoreThanSoManyRunAtOnce() {
    Trace trace;
    try (var prompts = new Prompts(BLOCK)) {
      trace = prompts.add(0, 8, 5).add(0, 8, 9).add(0, 8, 2).trace();
    }
    var two = new Batching(2, 512, Batching.Preemption.RECOMPUTE, 0);
    Outcomes outcomes = run(trace, Machines.small(100, BLOCK).withBatching(two)).outcomes();
    assertThat(outcomes.admitted(1)).isEqualTo(outcomes.firstToken(0));
    assertThat(outcomes.admitted(2)).isEqualTo(outcomes.finish(0));
  }

  @Test
  void lengthsThatOverflowAreRefused() {
    Trace trace;
    try (var prompts = new Prompts(1 << 20)) {
      trace = prompts.add(0, Integer.MAX_VALUE, Integer.MAX_VALUE).add(1, 8, 2).trace();
    }
    ServingConfig config =
        Machines.small(1, 1 << 20).withDecoding(new Decoding.BlockDiffusion(32, 2));
    Outcomes outcomes = run(trace, config).outcomes();
    assertThat(outcomes.refused(0)).isTrue();
    assertThat(outcomes.refused(1)).isFalse();
  }

  private static ServingRun run(Trace trace, ServingConfig config) {
    return new ServingSimulator(trace).run(config, new Load.Recorded(1), 1);
  }
}
