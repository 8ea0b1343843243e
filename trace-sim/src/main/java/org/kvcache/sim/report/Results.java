package org.kvcache.sim.report;

import java.util.List;
import java.util.stream.Stream;

/**
 * What a command's replays gave.
 *
 * @param header what they have in common
 * @param traces the results, trace by trace in the order asked for
 * @param failures what gave no result
 * @param complete false if the work was cut short
 */
public record Results(
    RunHeader header, List<TraceResults> traces, List<Failure> failures, boolean complete) {

  /** Copies the lists. */
  public Results {
    traces = List.copyOf(traces);
    failures = List.copyOf(failures);
  }

  /** Whether there is a result of {@code policy}, bounds of charts included. */
  public boolean has(String policy) {
    return traces.stream()
        .flatMap(trace -> Stream.concat(trace.results().stream(), trace.bounds().stream()))
        .anyMatch(result -> result.policy().equals(policy));
  }

  /** Number of results, bounds of charts apart. */
  public int count() {
    return traces.stream().mapToInt(trace -> trace.results().size()).sum();
  }
}
