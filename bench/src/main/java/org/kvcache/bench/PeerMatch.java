package org.kvcache.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.Simulator;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.ShadowCache;

/**
 * Replays one stream through our policy and the peer's in turns: ours, theirs, ours with a hash
 * table, so that whatever else the machine does meets all. What counts is the CPU time of a pass by
 * this thread: not the making of an empty cache, and no garbage collection.
 */
final class PeerMatch {

  private static final long WARM_UP_NANOS = 1_500_000_000L;
  private static final long TURN_NANOS = 100_000_000L;
  private static final int MIN_WARM_UP_ROUNDS = 3;

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final PeerLibrary peers;
  private final BenchStream stream;
  private final String policy;
  private final int capacity;
  private final @Nullable Simulator simulator; // for what is not a policy

  PeerMatch(PeerLibrary peers, BenchStream stream, String policy, int capacity) {
    this.peers = peers;
    this.stream = stream;
    this.policy = policy;
    this.capacity = capacity;
    simulator =
        policy.equals(Simulator.OPT) ? new Simulator(stream.trace(), RunSettings.flat()) : null;
  }

  /** One pass through an empty cache. */
  private interface Side {
    Pass pass();
  }

  private record Pass(long nanos, long hits) {}

  /** Warms up and plays. */
  PeerResult play(int rounds) {
    List<Side> sides = new ArrayList<>(List.of(this::ours, this::theirs));
    if (simulator == null) {
      sides.add(this::oursHashed);
    }
    long start = System.nanoTime();
    for (int i = 0; i < MIN_WARM_UP_ROUNDS || System.nanoTime() - start < WARM_UP_NANOS; i++) {
      sides.forEach(Side::pass);
    }
    var rates = new ArrayList<List<Double>>();
    sides.forEach(_ -> rates.add(new ArrayList<>()));
    for (int round = 0; round < rounds; round++) {
      for (int side = 0; side < sides.size(); side++) {
        rates.get(side).add(rate(sides.get(side)));
      }
    }
    return new PeerResult(
        stream.trace().name(),
        stream.trace().digest(),
        policy,
        capacity,
        stream.blocks().length,
        ours().hits,
        theirs().hits,
        rates.get(0),
        rates.size() > 2 ? rates.get(2) : List.of(),
        rates.get(1));
  }

  /** References a second, over enough passes to be timed well. */
  private double rate(Side side) {
    long nanos = 0;
    long refs = 0;
    while (nanos < TURN_NANOS) {
      nanos += Math.max(1, side.pass().nanos);
      refs += stream.blocks().length;
    }
    return refs * 1e9 / nanos;
  }

  private Pass ours() {
    if (simulator != null) {
      long start = cpuNanos();
      long hits = simulator.run(policy, capacity).blockHits();
      return new Pass(cpuNanos() - start, hits);
    }
    var cache = new FlatCache(PolicyCatalog.named(policy), capacity, stream.trace().uniqueBlocks());
    long start = cpuNanos();
    long hits = cache.replay(stream.blocks());
    return new Pass(cpuNanos() - start, hits);
  }

  private Pass oursHashed() {
    var cache = new ShadowCache(capacity, 0, PolicyCatalog.named(policy));
    long start = cpuNanos();
    long hits = 0;
    for (int block : stream.blocks()) {
      hits += cache.access(block) ? 1 : 0;
    }
    return new Pass(cpuNanos() - start, hits);
  }

  private Pass theirs() {
    PeerLibrary.Cache cache = peers.open(policy, capacity, stream.trace().uniqueBlocks());
    long start = cpuNanos();
    cache.replay(stream.blocks());
    long nanos = cpuNanos() - start;
    return new Pass(nanos, cache.hits());
  }

  private static long cpuNanos() {
    return THREADS.getCurrentThreadCpuTime();
  }
}
