package org.kvcache.sim.report;

import java.util.List;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.kvcache.sim.RunResult;

/**
 * Results as CSV after RFC 4180, in the columns of {@link JsonReport}: rates are fractions, the
 * other units are in the names.
 */
public final class CsvReport {
  private static final List<String> COLUMNS =
      List.of(
          "trace",
          "policy",
          "mode",
          "window",
          "capacityBlocks",
          "requests",
          "blockRefs",
          "blockHits",
          "blockHitRate",
          "tokenRefs",
          "tokenHits",
          "tokenHitRate",
          "evictions",
          "seconds",
          "refsPerSecond");
  private static final List<String> STATE_COLUMNS =
      List.of(
          "trace",
          "policy",
          "capacityBlocks",
          "request",
          "timeMillis",
          "blockHitRate",
          "name",
          "value");

  private CsvReport() {}

  /** One line per result. */
  public static String results(Results results) {
    var text = new StringBuilder();
    append(text, COLUMNS.toArray());
    for (TraceResults trace : results.traces()) {
      for (RunResult result : trace.results()) {
        append(text, values(result));
      }
    }
    return text.toString();
  }

  /** One line per number of a policy's state and moment. */
  public static String states(Results results) {
    var text = new StringBuilder();
    append(text, STATE_COLUMNS.toArray());
    for (TraceResults trace : results.traces()) {
      for (RunResult result : trace.results()) {
        appendStates(text, result);
      }
    }
    return text.toString();
  }

  private static Object[] values(RunResult result) {
    return new Object[] {
      result.trace(),
      result.policy(),
      result.mode(),
      result.window(),
      result.capacityBlocks(),
      result.requests(),
      result.blockRefs(),
      result.blockHits(),
      result.blockHitRate(),
      result.tokenRefs(),
      result.tokenHits(),
      result.tokenHitRate(),
      result.evictions(),
      result.seconds(),
      result.refsPerSecond()
    };
  }

  private static void appendStates(StringBuilder text, RunResult result) {
    for (RunResult.StatePoint point : result.states()) {
      for (Map.Entry<String, Double> entry : point.state().entrySet()) {
        append(
            text,
            result.trace(),
            result.policy(),
            result.capacityBlocks(),
            point.request(),
            point.timeMillis(),
            point.blockHitRate(),
            entry.getKey(),
            entry.getValue());
      }
    }
  }

  private static void append(StringBuilder text, Object... values) {
    text.append(CSVFormat.RFC4180.format(values)).append("\r\n");
  }
}
