package org.kvcache.sim.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.kvcache.sim.RunResult;

/**
 * Policies down, capacities across, the best policy of each column marked. ASCII, so that every
 * terminal shows it.
 */
public final class HitRateTable {
  private static final String BEST = "*";

  private final TraceResults results;
  private final Memory memory;

  /** What a number of blocks takes, or empty if nobody knows. */
  public interface Memory {
    /** The text below a capacity. */
    String of(TraceInfo trace, int blocks);
  }

  /** A table of the results on one trace. */
  public HitRateTable(TraceResults results, Memory memory) {
    this.results = results;
    this.memory = memory;
  }

  /** Block hit rates in per cent. */
  public List<String> blockHitRates() {
    return rates("block hit rate, %", RunResult::blockHitRate);
  }

  /** Prompt tokens found over prompt tokens asked for, in per cent. */
  public List<String> tokenHitRates() {
    return rates("token hit rate, %", RunResult::tokenHitRate);
  }

  /** Speed of the replays in million block references a second. */
  public List<String> speeds() {
    return TextTable.lines(
        cells(
            "replay speed, M refs/s",
            result -> String.format(Locale.ROOT, "%.2f ", result.refsPerSecond() / 1e6)));
  }

  private List<String> rates(String title, ToDoubleFunction<RunResult> rate) {
    return TextTable.lines(
        cells(
            title,
            result ->
                Numbers.percent(rate.applyAsDouble(result))
                    + (results.isBest(result, rate) ? BEST : " ")));
  }

  private interface Cell {
    String text(RunResult result);
  }

  private List<List<String>> cells(String title, Cell cell) {
    List<Integer> capacities = results.capacities();
    var rows = new ArrayList<List<String>>();
    var blocks = new ArrayList<>(List.of(title));
    var shares = new ArrayList<>(List.of("  share of unique blocks"));
    for (int capacity : capacities) {
      blocks.add(Numbers.count(capacity) + " ");
      shares.add(Numbers.share(results.trace().share(capacity)) + " ");
    }
    if (capacities.isEmpty()) {
      blocks.add("unbounded ");
      shares.add("");
    }
    rows.add(blocks);
    rows.add(shares);
    var sizes = new ArrayList<>(List.of("  memory"));
    for (int capacity : capacities) {
      sizes.add(memory.of(results.trace(), capacity) + " ");
    }
    if (sizes.stream().skip(1).anyMatch(size -> !size.isBlank())) {
      rows.add(sizes);
    }
    for (String policy : results.rankedPolicies()) {
      var row = new ArrayList<>(List.of("  " + policy));
      for (int capacity : capacities.isEmpty() ? List.of(0) : capacities) {
        Optional<RunResult> result = results.at(policy, capacity);
        row.add(result.map(cell::text).orElse("- "));
      }
      rows.add(row);
    }
    return rows;
  }
}
