package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import org.kvcache.sim.cost.RetrievalPlan;
import org.kvcache.sim.trace.Trace;

/**
 * A random trace, what serves it, and under which load. Traces are large: one at a time is made.
 */
record Scenario(int requests, int blockTokens, ServingConfig config, Load load, long seed) {

  /** The parts of a machine that are short. */
  private record Sizes(int blockTokens, int slots, int gpuTokens, List<Integer> tierBlocks) {}

  Trace trace() {
    return Prompts.random(seed, requests, blockTokens);
  }

  ServingRun run(Trace trace) {
    return new ServingSimulator(trace).run(config, load, seed);
  }

  static int input(Trace trace, int request) {
    return Math.max(1, trace.inputTokens(request));
  }

  static int output(Trace trace, int request) {
    return Math.max(1, trace.outputTokens(request));
  }

  /** Small caches of all kinds, most of which force sequences to give way. */
  static Arbitrary<Scenario> any() {
    return Combinators.combine(
            Arbitraries.longs().between(0, 1 << 20),
            Arbitraries.integers().between(1, 40),
            sizes(),
            decodings(),
            batchings(),
            replicas(),
            Arbitraries.of("lru", "arc", "adaptive", "s3-fifo", "fifo"),
            loads())
        .as(Scenario::of);
  }

  private record Copies(int count, Routing routing) {}

  private static Scenario of(
      long seed,
      int requests,
      Sizes sizes,
      Decoding decoding,
      Batching batching,
      Copies copies,
      String policy,
      Load load) {
    int blockTokens = sizes.blockTokens();
    var tiers = new ArrayList<TierSize>();
    for (TierSize.Place place : TierSize.Place.values()) {
      int blocks = sizes.tierBlocks().get(place.ordinal());
      if (blocks > 0 && !(decoding instanceof Decoding.Herald)) {
        tiers.add(Machines.tier(place, blocks, blockTokens));
      }
    }
    var config =
        new ServingConfig(
            "random",
            Machines.SMALL,
            Machines.slow(decoding instanceof Decoding.Herald ? sizes.gpuTokens() : 1 << 20),
            1,
            copies.count(),
            copies.routing(),
            policy,
            decoding,
            batching,
            OptionalDouble.of(sizes.slots() * blockTokens * Machines.SMALL_TOKEN_BYTES),
            tiers);
    return new Scenario(requests, blockTokens, config, load, seed);
  }

  private static Arbitrary<Sizes> sizes() {
    return Combinators.combine(
            Arbitraries.of(1, 3, 4, 16),
            Arbitraries.integers().between(20, 300),
            Arbitraries.integers().between(60, 600),
            Arbitraries.of(0, 0, 3, 20, 200).list().ofSize(3))
        .as((blockTokens, tokens, gpuTokens, tiers) ->
            new Sizes(blockTokens, Math.ceilDiv(tokens, blockTokens), gpuTokens, tiers));
  }

  private static Arbitrary<Decoding> decodings() {
    Arbitrary<Integer> block = Arbitraries.of(1, 4, 8);
    Arbitrary<Integer> steps = Arbitraries.integers().between(1, 5);
    return Arbitraries.oneOf(
        Arbitraries.just(new Decoding.TokenByToken()),
        Combinators.combine(block, steps).as(Decoding.BlockDiffusion::new),
        Combinators.combine(block, steps, plans()).as(Decoding.Herald::new));
  }

  static Arbitrary<RetrievalPlan> plans() {
    return Combinators.combine(
            Arbitraries.of(0.05, 0.3, 1.0), Arbitraries.of(0.0, 0.7), Arbitraries.of(true, false))
        .as((budget, reuse, ahead) -> new RetrievalPlan(budget, 1, 8, reuse, 1, ahead));
  }

  private static Arbitrary<Batching> batchings() {
    return Combinators.combine(
            Arbitraries.of(1, 2, 5, 64),
            Arbitraries.of(1, 7, 32, 512),
            Arbitraries.of(Batching.Preemption.class),
            Arbitraries.of(0.0, 0.01, 0.2))
        .as(Batching::new);
  }

  private static Arbitrary<Copies> replicas() {
    return Combinators.combine(Arbitraries.integers().between(1, 3), Arbitraries.of(Routing.class))
        .as(Copies::new);
  }

  private static Arbitrary<Load> loads() {
    return Arbitraries.oneOf(
        Arbitraries.of(0.5, 1.0, 20.0).map(Load.Recorded::new),
        Arbitraries.of(0.5, 20.0, 2000.0).map(Load.Poisson::new),
        Combinators.combine(
                Arbitraries.integers().between(1, 6),
                Arbitraries.of(
                    OptionalDouble.empty(), OptionalDouble.of(0), OptionalDouble.of(0.05)))
            .as(Load.Closed::new));
  }
}
