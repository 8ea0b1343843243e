package org.kvcache.sim.report;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.kvcache.sim.RunResult;
import org.kvcache.sim.Simulator;

/**
 * The results on one trace.
 *
 * @param trace the trace
 * @param results one per policy and capacity, in the order asked for
 * @param bounds results that nobody asked for but a chart draws
 */
public record TraceResults(TraceInfo trace, List<RunResult> results, List<RunResult> bounds) {

  /** Copies the lists. */
  public TraceResults {
    results = List.copyOf(results);
    bounds = List.copyOf(bounds);
  }

  /** Whether {@code policy} is one of the two bounds and not a policy. */
  public static boolean isBound(String policy) {
    return policy.equals(Simulator.OPT) || policy.equals(Simulator.INFINITE);
  }

  /** The capacities in rising order; the infinite cache has none. */
  List<Integer> capacities() {
    return results.stream()
        .filter(result -> !result.policy().equals(Simulator.INFINITE))
        .map(RunResult::capacityBlocks)
        .distinct()
        .sorted()
        .toList();
  }

  /** The bounds first, then the policies, best mean hit rate first. */
  List<String> rankedPolicies() {
    return results.stream()
        .map(RunResult::policy)
        .distinct()
        .sorted(
            Comparator.comparingInt(this::rank)
                .thenComparing(Comparator.comparingDouble(this::meanHitRate).reversed()))
        .toList();
  }

  private int rank(String policy) {
    return switch (policy) {
      case Simulator.INFINITE -> 0;
      case Simulator.OPT -> 1;
      default -> 2;
    };
  }

  private double meanHitRate(String policy) {
    return of(policy).mapToDouble(RunResult::blockHitRate).average().orElse(0);
  }

  /** The results of one policy in the order of capacities. */
  Stream<RunResult> of(String policy) {
    return results.stream()
        .filter(result -> result.policy().equals(policy))
        .sorted(Comparator.comparingInt(RunResult::capacityBlocks));
  }

  /** The result in one cell of a table; the infinite cache's stands in every column. */
  Optional<RunResult> at(String policy, int capacity) {
    return of(policy)
        .filter(result -> policy.equals(Simulator.INFINITE) || result.capacityBlocks() == capacity)
        .findFirst();
  }

  /** Whether no other policy hits more blocks at that capacity, if there are others. */
  boolean isBest(RunResult result) {
    return isBest(result, RunResult::blockHitRate);
  }

  /** As {@link #isBest(RunResult)}, by another rate. */
  boolean isBest(RunResult result, ToDoubleFunction<RunResult> rate) {
    List<RunResult> rivals =
        results.stream()
            .filter(other -> !isBound(other.policy()))
            .filter(other -> other.capacityBlocks() == result.capacityBlocks())
            .toList();
    double value = rate.applyAsDouble(result);
    return rivals.size() > 1
        && !isBound(result.policy())
        && rivals.stream().allMatch(other -> rate.applyAsDouble(other) <= value);
  }
}
