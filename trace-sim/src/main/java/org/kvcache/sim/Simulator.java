package org.kvcache.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.trace.Trace;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

/**
 * Replays one trace under any policy and capacity. Thread-safe: runs share the trace and nothing
 * else.
 */
public final class Simulator {

  /** Belady's bound, under this name wherever a policy's may stand. */
  public static final String OPT = "opt";

  /** A cache that never evicts. */
  public static final String INFINITE = "infinite";

  private final Trace trace;
  private final RunSettings settings;
  private final Object streamLock = new Object();
  private @Nullable FlatStream stream;

  /** A simulator of {@code trace} under {@code settings}. */
  public Simulator(Trace trace, RunSettings settings) {
    this.trace = trace;
    this.settings = settings;
  }

  /** Names that {@link #run} takes: every policy on the class path and the bounds. */
  public static List<String> names() {
    var names = new ArrayList<String>();
    PolicyCatalog.all().forEach(spec -> names.add(spec.name()));
    names.add(OPT);
    names.add(INFINITE);
    return names;
  }

  /**
   * Replays the trace.
   *
   * @param policy a policy's name, {@link #OPT} or {@link #INFINITE}
   * @param capacity slots, 1 or more
   * @throws IllegalArgumentException if the policy is unknown or the capacity below 1
   */
  public RunResult run(String policy, int capacity) {
    if (capacity < 1) {
      throw new IllegalArgumentException(
          "capacity is " + capacity + " blocks; at least 1 is needed");
    }
    Replay replay = replay(policy, capacity);
    long start = System.nanoTime();
    Replay.Counts counts = replay.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    boolean flat = settings.mode() == RunSettings.Mode.FLAT;
    return new RunResult(
        trace.name(),
        policy,
        flat ? "flat" : "prefix",
        policy.equals(OPT) || policy.equals(INFINITE) ? 0 : settings.window(),
        capacity,
        trace.requests(),
        trace.blockRefs(),
        counts.blockHits(),
        flat ? trace.blockRefs() * trace.blockTokens() : tokenRefs(),
        counts.tokenHits(),
        counts.evictions(),
        seconds,
        counts.states());
  }

  /**
   * What Belady's OPT for prefixes finds, request by request.
   *
   * @param capacity slots, 1 or more
   * @param most how many of a request's leading blocks can count; it holds the others all the same
   * @return leading blocks found, by request
   */
  public int[] optimalHits(int capacity, IntUnaryOperator most) {
    var optimum = new PrefixOptimal(trace, capacity, most);
    optimum.run();
    return optimum.hits();
  }

  private Replay replay(String policy, int capacity) {
    boolean flat = settings.mode() == RunSettings.Mode.FLAT;
    return switch (policy) {
      case INFINITE -> new InfiniteCache(trace, flat);
      case OPT -> flat ? new FlatOptimal(stream(), capacity) : new PrefixOptimal(trace, capacity);
      default -> {
        PolicySpec spec = PolicyCatalog.named(policy);
        yield flat
            ? new FlatReplay(stream(), spec, capacity, settings.seed())
            : new PrefixReplay(trace, spec, capacity, settings);
      }
    };
  }

  private FlatStream stream() {
    synchronized (streamLock) {
      if (stream == null) {
        stream = FlatStream.of(trace);
      }
      return stream;
    }
  }

  private long tokenRefs() {
    long tokens = 0;
    for (int request = 0; request < trace.requests(); request++) {
      tokens += trace.inputTokens(request);
    }
    return tokens;
  }
}
