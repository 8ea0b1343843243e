package org.kvcache.bench.kernels;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The worst case of each kernel and scheme, in the order in which they came. */
final class CheckReport {

  private final Map<List<String>, Line> lines = new LinkedHashMap<>();

  /**
   * One kernel and scheme.
   *
   * @param cases how often it was run
   * @param worst the greatest error, or one that is no number
   */
  record Line(int cases, CheckResult worst) {}

  void add(CheckResult result) {
    lines.merge(
        List.of(result.kernel(), result.scheme()),
        new Line(1, result),
        (before, now) -> new Line(before.cases + 1, worse(before.worst, now.worst)));
  }

  private static CheckResult worse(CheckResult a, CheckResult b) {
    return Double.compare(b.error(), a.error()) > 0 ? b : a; // NaN is the greatest
  }

  List<Line> lines() {
    return new ArrayList<>(lines.values());
  }

  boolean passed() {
    return lines.values().stream().allMatch(line -> line.worst.passed());
  }
}
