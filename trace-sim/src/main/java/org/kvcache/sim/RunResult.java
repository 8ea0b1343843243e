package org.kvcache.sim;

import java.util.List;
import java.util.Map;

/**
 * What one replay gave.
 *
 * @param trace name of the trace
 * @param policy name of the policy or bound
 * @param mode {@code prefix} or {@code flat}
 * @param window requests at once
 * @param capacityBlocks slots
 * @param requests requests replayed
 * @param blockRefs blocks asked for
 * @param blockHits blocks found
 * @param tokenRefs prompt tokens asked for; in flat mode blocks times their size
 * @param tokenHits prompt tokens found
 * @param evictions blocks evicted
 * @param seconds time of the replay, without reading the trace
 * @param states the policy's state over the run; empty if not asked for
 */
public record RunResult(
    String trace,
    String policy,
    String mode,
    int window,
    int capacityBlocks,
    long requests,
    long blockRefs,
    long blockHits,
    long tokenRefs,
    long tokenHits,
    long evictions,
    double seconds,
    List<StatePoint> states) {

  /** Copies the list. */
  public RunResult {
    states = List.copyOf(states);
  }

  /** Hits over references, within 0 and 1. */
  public double blockHitRate() {
    return blockRefs == 0 ? 0 : (double) blockHits / blockRefs;
  }

  /** Prompt tokens found over prompt tokens asked for, within 0 and 1. */
  public double tokenHitRate() {
    return tokenRefs == 0 ? 0 : (double) tokenHits / tokenRefs;
  }

  /** Speed of the replay in block references a second. */
  public double refsPerSecond() {
    return seconds > 0 ? blockRefs / seconds : 0;
  }

  /**
   * A policy's state at one moment.
   *
   * @param request requests finished by then
   * @param timeMillis trace time
   * @param blockHitRate hit rate since the last point
   * @param state the policy's own numbers by name
   */
  public record StatePoint(
      long request, double timeMillis, double blockHitRate, Map<String, Double> state) {}
}
