package org.kvcache.sim.report.serving;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.kvcache.sim.report.serving.ServingResults.ConfigResults;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.serving.TierSize;

/** Results as CSV after RFC 4180: a line for each run, and for each of its rounds and windows. */
public final class ServingCsv {
  private static final List<Double> PERCENTS = List.of(50.0, 90.0, 99.0);

  private ServingCsv() {}

  /** The whole text. */
  public static String text(ServingResults results) {
    var text = new StringBuilder();
    append(
        text,
        "config",
        "seed",
        "scope",
        "group",
        "requests",
        "meanArrival",
        "ttftP50",
        "ttftP90",
        "ttftP99",
        "itlP50",
        "itlP90",
        "itlP99",
        "hitGpu",
        "hitHost",
        "hitDisk",
        "hitRemote",
        "outputTokensPerSecond",
        "joulesPerToken");
    for (ConfigResults config : results.configs()) {
      for (ServingSummary run : config.runs()) {
        append(text, config, run, "all", run.all());
        run.rounds().forEach(group -> append(text, config, run, "round", group));
        run.windows().forEach(group -> append(text, config, run, "window", group));
      }
    }
    return text.toString();
  }

  private static void append(
      StringBuilder text,
      ConfigResults config,
      ServingSummary run,
      String scope,
      RequestGroup group) {
    var row = new ArrayList<Object>();
    row.add(config.label());
    row.add(run.run().seed());
    row.add(scope);
    row.add(group.label());
    row.add(group.requests());
    row.add(number(group.meanArrival()));
    PERCENTS.forEach(percent -> row.add(number(group.timeToFirstToken().at(percent))));
    PERCENTS.forEach(percent -> row.add(number(group.gaps().seconds(percent))));
    row.add(group.cachedShare());
    for (TierSize.Place place : TierSize.Place.values()) {
      row.add(group.restoredShare(place));
    }
    boolean whole = scope.equals("all");
    row.add(whole ? number(run.outputTokensPerSecond()) : "");
    row.add(whole ? number(run.joulesPerToken()) : "");
    append(text, row.toArray());
  }

  private static Object number(double value) {
    return Double.isFinite(value) ? value : "";
  }

  private static void append(StringBuilder text, Object... values) {
    text.append(CSVFormat.RFC4180.format(values)).append("\r\n");
  }
}
