package org.kvcache.sim.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.kvcache.sim.RunResult;
import org.kvcache.sim.RunResult.StatePoint;
import org.kvcache.sim.RunSettings;

/** Results whose numbers are easy to tell. */
final class Samples {
  private Samples() {}

  static TraceInfo trace(String name) {
    return new TraceInfo(name, name + ".jsonl", "0123456789abcdef", 100, 1000, 400, 16, 600);
  }

  static RunResult result(String policy, int capacity, long hits) {
    return result("chat", policy, capacity, hits, List.of());
  }

  static RunResult result(
      String trace, String policy, int capacity, long hits, List<StatePoint> states) {
    return new RunResult(
        trace, policy, "prefix", 0, capacity, 100, 1000, hits, 16_000, 16 * hits, 5, 0.5, states);
  }

  static TraceResults chat() {
    var results = new ArrayList<RunResult>();
    for (int capacity : List.of(4, 40, 200)) {
      results.add(result("lru", capacity, capacity));
      results.add(result("arc", capacity, capacity == 200 ? 190 : capacity + 10));
      results.add(result("opt", capacity, capacity + 300));
    }
    results.add(result("infinite", 400, 600));
    return new TraceResults(trace("chat"), results, List.of());
  }

  static List<StatePoint> states() {
    var points = new ArrayList<StatePoint>();
    for (int i = 1; i <= 10; i++) {
      var state = new LinkedHashMap<String, Double>();
      state.put("leader", (double) (i / 5 % 2));
      state.put("switches", (double) (i / 5));
      state.put("shadow.hazard", 0.1 * i);
      state.put("shadow.lru", 0.05 * i);
      state.put("arc.p", 0.5);
      state.put("t1", 10.0 * i);
      state.put("none.1.worth", 0.0);
      points.add(new StatePoint(10L * i, 1000.0 * i, 0.3, state));
    }
    return points;
  }

  static Results of(TraceResults... traces) {
    var arguments = List.of("simulate", "--trace", "a <b>");
    var header = new RunHeader("1.2.3", arguments, RunSettings.prefix());
    return new Results(header, List.of(traces), List.of(), true);
  }
}
