package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.sim.Simulator;
import org.kvcache.sim.trace.Trace;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

class BatchProperties {
  private static final List<Order> STATIC =
      Arrays.stream(Order.values()).filter(Order::isStatic).toList();

  @Property(tries = 100)
  void depthFirstFindsAllThatThereIsWithRoomForTheLongest(
      @ForAll long seed, @ForAll @IntRange(max = 3) int extraSlots) {
    Trace trace = Batches.random(seed, 60, 0, 4);
    int slots = Batches.slotsOfTheLongest(trace) + extraSlots;
    long depthFirst = Batches.cachedTokens(Batches.run(trace, "lru", slots, 1, Order.DEPTH_FIRST));
    assertThat(depthFirst)
        .isEqualTo(
            Batches.cachedTokens(
                Batches.run(trace, Simulator.INFINITE, slots, 1, Order.DEPTH_FIRST)))
        .isGreaterThanOrEqualTo(
            Batches.cachedTokens(Batches.run(trace, "lru", slots, 1, Order.ARRIVAL)))
        .isGreaterThanOrEqualTo(
            Batches.cachedTokens(Batches.run(trace, "lru", slots, 1, Order.LONGEST_PREFIX)));
  }

  @Property(tries = 60)
  void noPolicyFindsMoreThanTheOptimumOfItsOrder(
      @ForAll long seed,
      @ForAll @IntRange(max = 12) int extraSlots,
      @ForAll @IntRange(max = 5) int sessions) {
    Trace trace = Batches.random(seed, 60, sessions, 4);
    int slots = Batches.slotsOfTheLongest(trace) + extraSlots;
    for (Order order : STATIC) {
      long optimum = Batches.cachedTokens(Batches.run(trace, Simulator.OPT, slots, 1, order));
      assertThat(optimum)
          .isLessThanOrEqualTo(
              Batches.cachedTokens(Batches.run(trace, Simulator.INFINITE, slots, 1, order)));
      for (PolicySpec policy : PolicyCatalog.all()) {
        assertThat(Batches.cachedTokens(Batches.run(trace, policy.name(), slots, 1, order)))
            .as(policy.name())
            .isLessThanOrEqualTo(optimum);
      }
    }
  }

  @Property(tries = 60)
  void withRoomForAllEveryPolicyIsTheBound(@ForAll long seed, @ForAll Order order) {
    Trace trace = Batches.random(seed, 40, 0, 4);
    int slots = 60 * Batches.slotsOfTheLongest(trace);
    long found = Batches.cachedTokens(Batches.run(trace, "lru", slots, 1, order));
    assertThat(found).isEqualTo(Batches.cachedTokens(Batches.run(trace, "arc", slots, 1, order)));
    if (order.isStatic()) {
      assertThat(Batches.cachedTokens(Batches.run(trace, Simulator.OPT, slots, 1, order)))
          .isEqualTo(found);
      assertThat(Batches.cachedTokens(Batches.run(trace, Simulator.INFINITE, slots, 1, order)))
          .isEqualTo(found);
    }
  }

  @Property(tries = 60)
  void whoComputesLessIsDoneEarlierInTheSameOrder(
      @ForAll long seed, @ForAll @IntRange(max = 12) int extraSlots) {
    Trace trace = Batches.random(seed, 40, 4, 512);
    int slots = Batches.slotsOfTheLongest(trace) + extraSlots;
    for (Order order : STATIC) {
      ServingRun lru = Batches.run(trace, "lru", slots, 1, order);
      ServingRun bound = Batches.run(trace, Simulator.INFINITE, slots, 1, order);
      if (Batches.cachedTokens(bound) == Batches.cachedTokens(lru)) {
        assertThat(bound.totals().seconds()).isEqualTo(lru.totals().seconds());
      } else {
        assertThat(bound.totals().seconds()).isLessThan(lru.totals().seconds());
      }
    }
  }

  @Property(tries = 60)
  void everyRequestIsServedInAnyOrder(
      @ForAll long seed, @ForAll Order order, @ForAll @IntRange(min = 1, max = 9) int sequences) {
    Trace trace = Batches.random(seed, 60, 3, 4);
    int slots = Batches.slotsOfTheLongest(trace) + 4;
    ServingRun run = Batches.run(trace, "lru", slots, sequences, order);
    assertThat(run.totals().refused()).isZero();
    for (int request = 0; request < trace.requests(); request++) {
      Outcomes outcomes = run.outcomes();
      assertThat(outcomes.arrival(request)).isZero();
      assertThat(outcomes.generatedTokens(request)).isEqualTo(trace.outputTokens(request));
      if (outcomes.preemptions(request) == 0) {
        assertThat(outcomes.cachedTokens(request) + outcomes.computedTokens(request))
            .isEqualTo(Math.max(1, trace.inputTokens(request)));
      }
    }
    assertThat(run.totals().seconds())
        .isEqualTo(Batches.run(trace, "lru", slots, sequences, order).totals().seconds());
  }

  @Property(tries = 60)
  void staticOrdersAreKept(@ForAll long seed) {
    Trace trace = Batches.random(seed, 40, 3, 4);
    int slots = Batches.slotsOfTheLongest(trace);
    assertThat(Batches.begun(Batches.run(trace, "lru", slots, 1, Order.ARRIVAL))).isSorted();
    assertThat(Batches.begun(Batches.run(trace, "lru", slots, 1, Order.DEPTH_FIRST)))
        .containsExactlyElementsOf(
            Arrays.stream(new DepthFirst(trace).requests()).boxed().toList());
  }
}
