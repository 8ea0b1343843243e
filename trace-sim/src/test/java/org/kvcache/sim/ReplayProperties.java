package org.kvcache.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.sim.trace.Trace;

class ReplayProperties {

  @Property(tries = 300)
  void lruReplayEqualsAPlainSimulation(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 60) int capacity,
      @ForAll @IntRange(max = 4) int window,
      @ForAll @IntRange(min = 1, max = 6) int sessions) {
    Trace trace = RandomTraces.tree(seed, 120, sessions);
    var settings = new RunSettings(RunSettings.Mode.PREFIX, window, null, 0, 0);
    assertThat(new Simulator(trace, settings).run("lru", capacity).blockHits())
        .isEqualTo(plainLru(trace, capacity, Math.max(1, window)));
  }

  @Property(tries = 200)
  void flatOptimumEqualsBeladysRule(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int capacity) {
    Trace trace = RandomTraces.tree(seed, 80);
    var simulator = new Simulator(trace, RunSettings.flat());
    long optimum = simulator.run(Simulator.OPT, capacity).blockHits();
    assertThat(optimum).isEqualTo(belady(trace, capacity));
    for (String policy : List.of("lru", "arc", "hazard", "adaptive", "sieve", "s3-fifo")) {
      assertThat(simulator.run(policy, capacity).blockHits()).isLessThanOrEqualTo(optimum);
    }
  }

  @Property(tries = 200)
  void prefixOptimumEqualsBeladysRuleForChains(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 60) int capacity) {
    Trace trace = RandomTraces.tree(seed, 80);
    assertThat(new Simulator(trace, RunSettings.prefix()).run(Simulator.OPT, capacity).blockHits())
        .isEqualTo(prefixBelady(trace, capacity));
  }

  @Property(tries = 100)
  void roomForEverythingGivesTheInfiniteCache(@ForAll long seed, @ForAll boolean flat) {
    Trace trace = RandomTraces.tree(seed, 120);
    var simulator = new Simulator(trace, flat ? RunSettings.flat() : RunSettings.prefix());
    for (String policy : Simulator.names()) {
      RunResult result = simulator.run(policy, trace.uniqueBlocks());
      assertThat(result.blockHits()).as(policy).isEqualTo(trace.infiniteHits());
      assertThat(result.evictions()).as(policy).isZero();
    }
  }

  @Property(tries = 100)
  void sameSeedGivesTheSameResult(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int capacity) {
    Trace trace = RandomTraces.tree(seed, 120);
    var settings = new RunSettings(RunSettings.Mode.PREFIX, 2, 0.7, seed, 3);
    for (String policy : Simulator.names()) {
      RunResult once = new Simulator(trace, settings).run(policy, capacity);
      RunResult again = new Simulator(trace, settings).run(policy, capacity);
      assertThat(again.blockHits()).as(policy).isEqualTo(once.blockHits());
      assertThat(again.tokenHits()).as(policy).isEqualTo(once.tokenHits());
      assertThat(again.states()).as(policy).isEqualTo(once.states());
      assertThat(once.tokenHits()).isLessThanOrEqualTo(once.tokenRefs());
    }
  }

  private static long plainLru(Trace trace, int capacity, int window) {
    List<int[]> chains = RandomTraces.chains(trace);
    var free = new ArrayList<Integer>();
    Map<Integer, Integer> pins = new HashMap<>();
    var running = new ArrayDeque<Integer>();
    Map<Integer, Integer> held = new HashMap<>();
    long hits = 0;
    for (int r = 0; r < chains.size(); r++) {
      int last = -1;
      int at = 0;
      for (int other : running) {
        at++;
        if (trace.session(other) == trace.session(r)) {
          last = at;
        }
      }
      if (running.size() == window) {
        last = Math.max(last, 1);
      }
      for (int i = 0; i < last; i++) {
        finish(chains, running.poll(), held, free, pins);
      }
      int[] chain = chains.get(r);
      boolean leading = true;
      int n = 0;
      for (int block : chain) {
        boolean resident = pins.containsKey(block) || free.contains(block);
        leading &= resident;
        hits += leading ? 1 : 0;
        if (!resident && pins.size() + free.size() == capacity) {
          if (free.isEmpty()) {
            break;
          }
          free.removeFirst();
        }
        free.remove((Integer) block);
        pins.merge(block, 1, Integer::sum);
        n++;
      }
      held.put(r, n);
      running.add(r);
    }
    return hits;
  }

  private static void finish(
      List<int[]> chains,
      int request,
      Map<Integer, Integer> held,
      List<Integer> free,
      Map<Integer, Integer> pins) {
    int[] chain = chains.get(request);
    for (int i = held.get(request) - 1; i >= 0; i--) {
      if (pins.merge(chain[i], -1, Integer::sum) == 0) {
        pins.remove(chain[i]);
        free.add(chain[i]);
      }
    }
  }

  private static long belady(Trace trace, int capacity) {
    var stream = new ArrayList<Integer>();
    RandomTraces.chains(trace)
        .forEach(chain -> {
          for (int block : chain) {
            stream.add(block);
          }
        });
    Set<Integer> resident = new HashSet<>();
    long hits = 0;
    for (int i = 0; i < stream.size(); i++) {
      if (resident.contains(stream.get(i))) {
        hits++;
        continue;
      }
      if (resident.size() == capacity) {
        resident.remove(farthest(resident, stream.subList(i, stream.size())));
      }
      resident.add(stream.get(i));
    }
    return hits;
  }

  private static int farthest(Set<Integer> resident, List<Integer> future) {
    int farthest = -1;
    int distance = -1;
    for (int block : resident) {
      int next = future.indexOf(block);
      int d = next < 0 ? Integer.MAX_VALUE : next;
      if (d > distance) {
        farthest = block;
        distance = d;
      }
    }
    return farthest;
  }

  private static long prefixBelady(Trace trace, int capacity) {
    List<int[]> chains = RandomTraces.chains(trace);
    Set<Integer> resident = new HashSet<>();
    long hits = 0;
    for (int r = 0; r < chains.size(); r++) {
      Set<Integer> pinned = new HashSet<>();
      boolean leading = true;
      for (int block : chains.get(r)) {
        pinned.add(block);
      }
      for (int block : chains.get(r)) {
        leading &= resident.contains(block);
        hits += leading ? 1 : 0;
        if (!resident.contains(block)) {
          if (resident.size() == capacity) {
            int victim = farthestRequest(trace, chains, resident, pinned, r + 1);
            if (victim < 0) {
              break;
            }
            resident.remove(victim);
          }
          resident.add(block);
        }
      }
    }
    return hits;
  }

  private static int farthestRequest(
      Trace trace, List<int[]> chains, Set<Integer> resident, Set<Integer> pinned, int from) {
    int victim = -1;
    long worst = -1;
    for (int block : resident) {
      if (pinned.contains(block)) {
        continue;
      }
      int next = from;
      while (next < chains.size() && !contains(chains.get(next), block)) {
        next++;
      }
      long rank = next * 1000L + trace.depth(block);
      if (rank > worst) {
        victim = block;
        worst = rank;
      }
    }
    return victim;
  }

  private static boolean contains(int[] chain, int block) {
    for (int b : chain) {
      if (b == block) {
        return true;
      }
    }
    return false;
  }
}
