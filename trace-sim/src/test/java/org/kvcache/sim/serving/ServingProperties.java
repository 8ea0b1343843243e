package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.kvcache.sim.cost.PassModel;
import org.kvcache.sim.trace.Trace;

class ServingProperties {

  private static final double ROUNDING = 1e-9;

  @Provide
  Arbitrary<Scenario> scenarios() {
    return Scenario.any();
  }

  @Property(tries = 400, seed = "1", edgeCases = EdgeCasesMode.NONE)
  void tokensAreConserved(@ForAll("scenarios") Scenario scenario) {
    Trace trace = scenario.trace();
    ServingRun run = scenario.run(trace);
    Outcomes outcomes = run.outcomes();
    for (int r = 0; r < outcomes.requests(); r++) {
      int found = found(outcomes, r);
      if (outcomes.refused(r)) {
        assertThat(outcomes.generatedTokens(r) + outcomes.computedTokens(r) + found).isZero();
        continue;
      }
      assertThat(outcomes.generatedTokens(r)).isEqualTo(Scenario.output(trace, r));
      int missing = Scenario.input(trace, r) - found;
      assertThat(missing).isPositive();
      if (outcomes.preemptions(r) == 0) {
        assertThat(outcomes.computedTokens(r)).isEqualTo(missing);
      } else {
        assertThat(outcomes.computedTokens(r)).isPositive(); // the cache may have more of it now
      }
    }
  }

  private static int found(Outcomes outcomes, int request) {
    int found = outcomes.cachedTokens(request);
    for (TierSize.Place place : TierSize.Place.values()) {
      found += outcomes.restoredTokens(request, place);
    }
    return found;
  }

  @Property(tries = 400, seed = "2", edgeCases = EdgeCasesMode.NONE)
  void onlyWhatDoesNotFitIsRefused(@ForAll("scenarios") Scenario scenario) {
    Trace trace = scenario.trace();
    ServingRun run = scenario.run(trace);
    int refused = 0;
    for (int r = 0; r < run.outcomes().requests(); r++) {
      assertThat(run.outcomes().refused(r))
          .isEqualTo(!fits(scenario, trace, run.totals().slots(), r));
      refused += run.outcomes().refused(r) ? 1 : 0;
    }
    assertThat(run.totals().refused()).isEqualTo(refused);
  }

  private static boolean fits(Scenario scenario, Trace trace, int slots, int request) {
    int input = Scenario.input(trace, request);
    int output = Scenario.output(trace, request);
    int longest = input + output - 1;
    int all =
        switch (scenario.config().decoding()) {
          case Decoding.TokenByToken _ -> longest;
          case Decoding.BlockDiffusion d -> input + roundedUp(output, d.blockTokens());
          case Decoding.Herald h -> input + roundedUp(output, h.blockTokens());
        };
    if (scenario.config().decoding() instanceof Decoding.Herald h) {
      double gpu = scenario.config().passes().freeBytes() / Machines.SMALL_TOKEN_BYTES;
      double sets = Math.ceil(2 * h.plan().budget() * all) + 3 * h.blockTokens();
      if (longest + h.blockTokens() > gpu || sets > gpu) {
        return false;
      }
    }
    int blocks = Math.ceilDiv(all, trace.blockTokens());
    return blocks <= slots - (int) (scenario.config().batching().watermark() * slots);
  }

  private static int roundedUp(int value, int unit) {
    return Math.ceilDiv(value, unit) * unit;
  }

  @Property(tries = 400, seed = "3", edgeCases = EdgeCasesMode.NONE)
  void nothingHappensBeforeItsCause(@ForAll("scenarios") Scenario scenario) {
    Trace trace = scenario.trace();
    Outcomes outcomes = scenario.run(trace).outcomes();
    double[] free = new double[trace.sessions()];
    for (int r = 0; r < outcomes.requests(); r++) {
      double came = outcomes.arrival(r);
      assertThat(came).isGreaterThanOrEqualTo(0);
      boolean refused = outcomes.refused(r);
      if (!refused) {
        assertThat(outcomes.admitted(r)).isGreaterThanOrEqualTo(came);
        assertThat(outcomes.firstToken(r)).isGreaterThan(outcomes.admitted(r));
        assertThat(outcomes.finish(r)).isGreaterThanOrEqualTo(outcomes.firstToken(r));
      }
      int session = trace.session(r);
      if (session >= 0) {
        assertThat(came).isGreaterThanOrEqualTo(free[session]);
        free[session] = refused ? came : outcomes.finish(r);
      }
    }
  }

  @Property(tries = 400, seed = "4", edgeCases = EdgeCasesMode.NONE)
  void firstComeIsFirstServed(@ForAll("scenarios") Scenario scenario) {
    ServingConfig single = scenario.config().withReplicas(1);
    Outcomes outcomes =
        new ServingSimulator(scenario.trace())
            .run(single, scenario.load(), scenario.seed())
            .outcomes();
    for (int r = 0; r < outcomes.requests(); r++) {
      for (int s = 0; s < outcomes.requests(); s++) {
        if (!outcomes.refused(r)
            && !outcomes.refused(s)
            && outcomes.arrival(r) < outcomes.arrival(s)) {
          assertThat(outcomes.admitted(r)).isLessThanOrEqualTo(outcomes.admitted(s));
        }
      }
    }
  }

  @Property(tries = 400, seed = "5", edgeCases = EdgeCasesMode.NONE)
  void firstTokenTakesAtLeastWhatItsPromptLacks(@ForAll("scenarios") Scenario scenario) {
    ServingConfig config = scenario.config();
    Trace trace = scenario.trace();
    Outcomes outcomes = scenario.run(trace).outcomes();
    PassModel passes = config.passes();
    for (int r = 0; r < outcomes.requests(); r++) {
      if (!outcomes.refused(r) && outcomes.preemptions(r) == 0) {
        int found = found(outcomes, r);
        double moved = (found - outcomes.cachedTokens(r)) * Machines.SMALL_TOKEN_BYTES;
        double least =
            passes.prefillSeconds(found, Scenario.input(trace, r) - found)
                + moved / config.device().link().reachedBandwidth();
        assertThat(outcomes.timeToFirstToken(r)).isGreaterThanOrEqualTo(least - ROUNDING);
      }
    }
  }

  @Property(tries = 300, seed = "6", edgeCases = EdgeCasesMode.NONE)
  void sumsAgreeWithTheRequests(@ForAll("scenarios") Scenario scenario) {
    Trace trace = scenario.trace();
    ServingRun run = scenario.run(trace);
    Outcomes outcomes = run.outcomes();
    ServingRun.Totals totals = run.totals();
    double end = 0;
    double begin = Double.POSITIVE_INFINITY;
    long preemptions = 0;
    long generated = 0;
    long finished = 0;
    double restored = 0;
    for (int r = 0; r < outcomes.requests(); r++) {
      begin = Math.min(begin, outcomes.arrival(r));
      end = outcomes.refused(r) ? end : Math.max(end, outcomes.finish(r));
      preemptions += outcomes.preemptions(r);
      generated += outcomes.generatedTokens(r);
      finished += outcomes.refused(r) ? 0 : 1;
      restored += (found(outcomes, r) - outcomes.cachedTokens(r)) * Machines.SMALL_TOKEN_BYTES;
    }
    assertThat(totals.seconds()).isCloseTo(Math.max(0, end - begin), within(ROUNDING));
    assertThat(totals.preemptions()).isEqualTo(preemptions);
    assertThat(totals.busySeconds())
        .isLessThanOrEqualTo(totals.seconds() * scenario.config().replicas() + ROUNDING);
    assertThat(totals.meanOccupancy()).isBetween(0.0, totals.maxOccupancy() + ROUNDING);
    assertThat(totals.maxOccupancy()).isLessThanOrEqualTo(1);
    if (preemptions == 0) {
      assertThat(totals.restoredBytes()).isCloseTo(restored, within(ROUNDING));
      assertThat(totals.swappedBytes()).isZero();
    } else {
      assertThat(totals.restoredBytes()).isGreaterThanOrEqualTo(restored - ROUNDING);
    }
    long gaps = 0;
    for (int window = 0; window < run.windows().count(); window++) {
      gaps += run.gaps().window(window).count();
    }
    if (scenario.config().decoding() instanceof Decoding.TokenByToken) {
      assertThat(gaps).isEqualTo(generated - finished);
    } else {
      assertThat(gaps).isLessThanOrEqualTo(generated - finished);
    }
  }

  @Property(tries = 100, seed = "7", edgeCases = EdgeCasesMode.NONE)
  void sameSeedGivesTheSameRun(@ForAll("scenarios") Scenario scenario) {
    var simulator = new ServingSimulator(scenario.trace());
    ServingConfig config = scenario.config();
    long seed = scenario.seed();
    ServingRun one = simulator.run(config, scenario.load(), seed);
    ServingRun other = simulator.run(config, scenario.load(), seed);
    assertThat(other.totals()).isEqualTo(one.totals());
    assertThat(Arrays.deepEquals(columns(other.outcomes()), columns(one.outcomes()))).isTrue();
    if (scenario.load() instanceof Load.Poisson) {
      assertThat(simulator.run(config, scenario.load(), seed + 1).outcomes().arrival)
          .isNotEqualTo(one.outcomes().arrival);
    }
  }

  private static double[][] columns(Outcomes outcomes) {
    return new double[][] {
      outcomes.arrival,
      outcomes.admitted,
      outcomes.firstToken,
      outcomes.finish,
      Arrays.stream(outcomes.cached).asDoubleStream().toArray(),
      Arrays.stream(outcomes.computed).asDoubleStream().toArray(),
      Arrays.stream(outcomes.preemptions).asDoubleStream().toArray()
    };
  }

  /** Prompts are done in the pass that takes them in, so that all that gives way is an answer. */
  @Property(tries = 300, seed = "9", edgeCases = EdgeCasesMode.NONE)
  void swappedTokensAreNotComputedAgain(@ForAll("scenarios") Scenario scenario) {
    if (scenario.config().decoding() instanceof Decoding.Herald) {
      return;
    }
    Batching batching = scenario.config().batching();
    var swapping =
        new Batching(
            batching.maxSequences(), 1 << 20, Batching.Preemption.SWAP, batching.watermark());
    ServingConfig config = scenario.config().withBatching(swapping).withTiers(List.of());
    Trace trace = scenario.trace();
    Outcomes outcomes =
        new ServingSimulator(trace).run(config, scenario.load(), scenario.seed()).outcomes();
    for (int r = 0; r < outcomes.requests(); r++) {
      int missing = outcomes.refused(r) ? 0 : Scenario.input(trace, r) - found(outcomes, r);
      assertThat(outcomes.computedTokens(r)).isBetween(missing, missing + outcomes.preemptions(r));
    }
  }

  @Property(tries = 100, seed = "8", edgeCases = EdgeCasesMode.NONE)
  void largerLruHitsNoLessWhereRequestsRunOneByOne(
      @ForAll @LongRange(min = 0, max = 1 << 20) long seed,
      @ForAll @IntRange(min = 1, max = 60) int requests,
      @ForAll @IntRange(min = 1, max = 4) int blockTokens) {
    Trace trace = Prompts.random(seed, requests, blockTokens);
    var apart = new Load.Recorded(1e-6);
    var alone = new Batching(1, 64, Batching.Preemption.RECOMPUTE, 0);
    int longest = 0;
    for (int r = 0; r < trace.requests(); r++) {
      longest = Math.max(longest, trace.inputTokens(r) + trace.outputTokens(r));
    }
    int[] before = new int[trace.requests()];
    int least = longest / blockTokens + 1;
    for (int slots : new int[] {least, least + 2, 2 * least, 4 * least, 20 * least}) {
      ServingConfig config = Machines.small(slots, blockTokens).withBatching(alone);
      int[] cached = new ServingSimulator(trace).run(config, apart, 1).outcomes().cached;
      for (int r = 0; r < cached.length; r++) {
        assertThat(cached[r]).isGreaterThanOrEqualTo(before[r]);
      }
      before = cached;
    }
  }
}
