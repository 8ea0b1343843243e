package org.kvcache.sim.report.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.kvcache.sim.metrics.Interval;
import org.kvcache.sim.report.serving.ServingResults.ConfigResults;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingRun;
import org.kvcache.sim.serving.ServingSummary;

/** Results for the terminal: figures as rows, configurations as columns. */
public final class ServingTable {
  private static final List<ServingFigure> COMPARED =
      List.of(
          ServingFigure.TTFT_P50,
          ServingFigure.TTFT_P99,
          ServingFigure.TTFT_MEAN,
          ServingFigure.ITL_P90,
          ServingFigure.TOKENS,
          ServingFigure.ENERGY);

  private final ServingResults results;

  private ServingTable(ServingResults results) {
    this.results = results;
  }

  /** All lines. */
  public static List<String> lines(ServingResults results) {
    var table = new ServingTable(results);
    var lines = new ArrayList<String>();
    lines.addAll(table.warmUp());
    lines.add("");
    lines.addAll(table.figures());
    if (results.configs().size() > 1) {
      lines.add("");
      lines.addAll(table.ratios());
    }
    if (results.configs().getFirst().runs().getFirst().rounds().size() > 1) {
      lines.add("");
      lines.addAll(table.rounds());
    }
    return lines;
  }

  private List<String> warmUp() {
    var lines = new ArrayList<String>();
    for (ConfigResults config : results.configs()) {
      ServingSummary first = config.runs().getFirst();
      ServingRun run = first.run();
      lines.add(
          first.settled()
              ? String.format(
                  Locale.ROOT,
                  "%s: warm-up, the first %d of %d windows (%,d requests), is left out",
                  config.label(),
                  first.firstWindow(),
                  run.windows().count(),
                  run.windows().first(first.firstWindow()))
              : config.label()
                  + ": not settled, no steady state was found (the queue may be growing); all"
                  + " requests count");
    }
    return lines;
  }

  private List<String> figures() {
    var rows = new ArrayList<List<String>>();
    rows.add(header(""));
    for (ServingFigure figure : ServingFigure.values()) {
      boolean zero =
          results.configs().stream()
              .flatMapToDouble(config -> DoubleStream.of(config.values(figure)))
              .allMatch(value -> value == 0);
      if (zero && figure.optional()) {
        continue;
      }
      var row = new ArrayList<String>();
      row.add(figure.title());
      for (ConfigResults config : results.configs()) {
        row.add(cell(figure, config.values(figure)));
      }
      rows.add(row);
    }
    return aligned(rows);
  }

  private String cell(ServingFigure figure, double[] values) {
    boolean known = DoubleStream.of(values).allMatch(Double::isFinite);
    if (!known || values.length == 1) {
      return figure.unit().show(values[0]);
    }
    Interval interval = Interval.of(values, results.confidence());
    return figure.unit().show(interval.mean()) + " ±" + figure.unit().show(interval.halfWidth());
  }

  private List<String> ratios() {
    var rows = new ArrayList<List<String>>();
    rows.add(header("over " + results.configs().getFirst().label(), 1));
    for (ServingFigure figure : COMPARED) {
      var row = new ArrayList<String>();
      row.add(figure.title());
      double[] base = results.configs().getFirst().values(figure);
      for (ConfigResults config : results.configs().subList(1, results.configs().size())) {
        row.add(ratio(config.values(figure), base));
      }
      rows.add(row);
    }
    return aligned(rows);
  }

  private String ratio(double[] values, double[] base) {
    boolean known =
        DoubleStream.concat(DoubleStream.of(values), DoubleStream.of(base))
            .allMatch(value -> value > 0 && Double.isFinite(value));
    if (!known) {
      return "-";
    }
    Interval ratio = Interval.ofRatios(values, base, results.confidence());
    return results.seeds() == 1
        ? String.format(Locale.ROOT, "x%.3f", ratio.mean())
        : String.format(
            Locale.ROOT, "x%.3f (%.3f to %.3f)", ratio.mean(), ratio.low(), ratio.high());
  }

  /** By turn of the session; of several seeds the first. */
  private List<String> rounds() {
    var rows = new ArrayList<List<String>>();
    rows.add(header(results.seeds() > 1 ? "by round, first seed" : "by round"));
    List<RequestGroup> classes = results.configs().getFirst().runs().getFirst().rounds();
    for (RequestGroup round : classes) {
      rows.add(
          row(
              round.label(),
              "ttft p50",
              group -> group.timeToFirstToken().at(50),
              ServingFigure.Unit.SECONDS));
      rows.add(
          row(
              "",
              "ttft p99",
              group -> group.timeToFirstToken().at(99),
              ServingFigure.Unit.SECONDS,
              round.label()));
      rows.add(
          row(
              "",
              "itl p50",
              group -> group.gaps().seconds(50),
              ServingFigure.Unit.SECONDS,
              round.label()));
      rows.add(row("", "found", ServingTable::found, ServingFigure.Unit.SHARE, round.label()));
    }
    return aligned(rows);
  }

  private static double found(RequestGroup group) {
    double found = group.cachedTokens();
    for (long tokens : group.restoredTokens()) {
      found += tokens;
    }
    return group.inputTokens() == 0 ? 0 : found / group.inputTokens();
  }

  private List<String> row(
      String shown, String what, ToDoubleFunction<RequestGroup> figure, ServingFigure.Unit unit) {
    return row(shown, what, figure, unit, shown);
  }

  private List<String> row(
      String shown,
      String what,
      ToDoubleFunction<RequestGroup> figure,
      ServingFigure.Unit unit,
      String label) {
    var row = new ArrayList<String>();
    row.add(String.format(Locale.ROOT, "%-6s %s", shown, what));
    for (ConfigResults config : results.configs()) {
      row.add(
          config.runs().getFirst().rounds().stream()
              .filter(group -> group.label().equals(label))
              .findFirst()
              .map(group -> unit.show(figure.applyAsDouble(group)))
              .orElse("-"));
    }
    return row;
  }

  private List<String> header(String first) {
    return header(first, 0);
  }

  private List<String> header(String first, int from) {
    var row = new ArrayList<String>();
    row.add(first);
    results.configs().stream().skip(from).forEach(config -> row.add(config.label()));
    return row;
  }

  private static List<String> aligned(List<List<String>> rows) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var lines = new ArrayList<String>();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? row.get(i) + pad : "  " + pad + row.get(i));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
