package org.kvcache.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.sim.trace.Trace;

class PrefixOptimalProperties {

  @Property(tries = 20, seed = "1")
  void noWayToKeepBlocksFindsMore(
      @ForAll long seed,
      @ForAll @IntRange(min = 6, max = 9) int capacity,
      @ForAll @IntRange(max = 3) int held) {
    Trace trace = RandomTraces.tree(seed, 9);
    var random = new SplittableRandom(seed);
    int[] most = new int[trace.requests()];
    for (int request = 0; request < most.length; request++) {
      most[request] = Math.max(0, trace.chainLength(request) - random.nextInt(held + 1));
    }
    int[] hits =
        new Simulator(trace, RunSettings.prefix()).optimalHits(capacity, request -> most[request]);
    assertThat(Arrays.stream(hits).sum()).isEqualTo(best(trace, capacity, most));
  }

  @Property(tries = 15, seed = "2")
  void whereAllCountsTheyAreTheHitsOfTheReplay(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int capacity) {
    Trace trace = RandomTraces.tree(seed, 80);
    var simulator = new Simulator(trace, RunSettings.prefix());
    assertThat((long) Arrays.stream(simulator.optimalHits(capacity, trace::chainLength)).sum())
        .isEqualTo(simulator.run(Simulator.OPT, capacity).blockHits());
  }

  /** The most hits over all sets that could be kept after each request. */
  private static int best(Trace trace, int capacity, int[] most) {
    Map<Long, Integer> states = Map.of(0L, 0);
    List<int[]> chains = RandomTraces.chains(trace);
    for (int request = 0; request < most.length; request++) {
      int[] chain = chains.get(request);
      long own = 0;
      for (int block : chain) {
        own |= 1L << block;
      }
      Map<Long, Integer> after = new HashMap<>();
      for (Map.Entry<Long, Integer> state : states.entrySet()) {
        int run = 0;
        while (run < most[request] && (state.getKey() >> chain[run] & 1) == 1) {
          run++;
        }
        int value = state.getValue() + run;
        long others = state.getKey() & ~own;
        int surplus = Long.bitCount(others) + Long.bitCount(own) - capacity;
        keep(others, Math.max(0, surplus), own, value, after);
      }
      states = after;
    }
    return states.values().stream().mapToInt(Integer::intValue).max().orElseThrow();
  }

  /** All ways to drop {@code drop} of {@code others}; dropping more is never better. */
  private static void keep(long others, int drop, long own, int value, Map<Long, Integer> after) {
    if (drop == 0) {
      after.merge(others | own, value, Math::max);
      return;
    }
    for (long rest = others; rest != 0; rest &= rest - 1) {
      keep(others & ~Long.lowestOneBit(rest), drop - 1, own, value, after);
    }
  }
}
