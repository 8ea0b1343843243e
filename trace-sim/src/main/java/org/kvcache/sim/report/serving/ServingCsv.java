package org.kvcache.sim.report.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.apache.commons.csv.CSVFormat;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingSummary;

/**
 * Results as CSV after RFC 4180, in the figures of {@link ServingJson}: rates are fractions, the
 * other units are in the names. A field without a figure is empty.
 */
public final class ServingCsv {
  private static final List<String> COLUMNS =
      List.of(
          "trace", "config", "seed", "scope", "group", "counts", "requests", "meanArrivalSeconds");

  private ServingCsv() {}

  /**
   * A line for each configuration, seed and group of requests. Scope {@code all} is the requests
   * that count, with the figures of the run; {@code round} is them by turn of their session; {@code
   * window} is all requests over time, with {@code counts} false during the warm-up.
   */
  public static String text(ServingResults results) {
    var text = new StringBuilder();
    var header = new ArrayList<@Nullable Object>(COLUMNS);
    for (ServingFigure figure : ServingFigure.values()) {
      header.add(figure.key());
    }
    append(text, header);
    for (ConfigResults config : results.configs()) {
      for (ServingSummary run : config.runs()) {
        var rows = new Rows(text, results.trace().name(), config.label(), run.run().seed());
        rows.add("all", run.all(), true, figure -> figure.of(run));
        for (RequestGroup group : run.rounds()) {
          rows.add("round", group, true, figure -> figure.of(group));
        }
        for (int window = 0; window < run.windows().size(); window++) {
          RequestGroup group = run.windows().get(window);
          rows.add("window", group, window >= run.firstWindow(), figure -> figure.of(group));
        }
      }
    }
    return text.toString();
  }

  /** The lines of one run. */
  private record Rows(StringBuilder text, String trace, String config, long seed) {
    void add(
        String scope, RequestGroup group, boolean counts, ToDoubleFunction<ServingFigure> value) {
      var row = new ArrayList<@Nullable Object>();
      row.add(trace);
      row.add(config);
      row.add(seed);
      row.add(scope);
      row.add(group.label());
      row.add(counts);
      row.add(group.requests());
      row.add(Double.isFinite(group.meanArrival()) ? group.meanArrival() : null);
      for (ServingFigure figure : ServingFigure.values()) {
        row.add(figure.number(value.applyAsDouble(figure)));
      }
      append(text, row);
    }
  }

  private static void append(StringBuilder text, List<@Nullable Object> row) {
    Object[] fields = row.stream().map(field -> Objects.requireNonNullElse(field, "")).toArray();
    text.append(CSVFormat.RFC4180.format(fields)).append("\r\n");
  }
}
