package org.kvcache.sim.report.serving;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.kvcache.sim.report.Charts;
import org.kvcache.sim.report.HtmlPage;
import org.kvcache.sim.report.Panel;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingSummary;

/**
 * Latencies and hits over time and by round, one colour for each configuration, the warm-up shaded.
 * With several seeds every point is the median over them.
 */
public final class ServingChart {
  private static final int SHORTEST = 30;

  private final ServingResults results;
  private final List<String> names;
  private final List<LinePanel.Mark> warmUps = new ArrayList<>();

  private ServingChart(ServingResults results) {
    this.results = results;
    List<ConfigResults> configs = results.configs();
    boolean fit = configs.stream().allMatch(config -> config.label().length() <= SHORTEST);
    names =
        IntStream.range(0, configs.size())
            .mapToObj(i -> fit ? configs.get(i).label() : "#" + (i + 1))
            .toList();
    for (int i = 0; i < configs.size(); i++) {
      int style = i;
      endOfWarmUp(configs.get(i)).ifPresent(x -> warmUps.add(new LinePanel.Mark(style, x)));
    }
  }

  /**
   * Panels into a file whose name says how: {@code .svg}, {@code .html} with tables and data, or
   * else a PNG.
   *
   * @throws IllegalArgumentException if they cannot be drawn or written, or no request was served;
   *     the message is for the user
   */
  public static void write(ServingResults results, ReportFile file) {
    List<Panel> panels = new ServingChart(results).panels();
    if (panels.isEmpty()) {
      throw new IllegalArgumentException(
          file + ": no request was served, so there is nothing to draw; give a larger cache");
    }
    if (file.kind().equals("html")) {
      RunNote note = results.note();
      file.write(
          new HtmlPage("Serving", note.version(), note.load(), note.command())
              .trace(results.trace())
              .chart(panels)
              .preformatted(ServingTable.lines(results))
              .withData(ServingJson.document(results)));
    } else {
      Charts.draw(panels, 1, file);
    }
  }

  private List<Panel> panels() {
    var panels = new ArrayList<Panel>();
    addOverTime(
        panels,
        "time to first token",
        new Curve(" p50", false, ServingFigure.TTFT_P50),
        new Curve(" p99", true, ServingFigure.TTFT_P99));
    addByRound(panels);
    addOverTime(
        panels,
        "time between tokens",
        new Curve(" p50", false, ServingFigure.ITL_P50),
        new Curve(" p99", true, ServingFigure.ITL_P99));
    addOverTime(
        panels, "prompt tokens found in the cache", new Curve("", false, ServingFigure.HITS));
    return panels;
  }

  /** A figure of every configuration, and what follows their names. */
  private record Curve(String suffix, boolean dashed, ServingFigure figure) {}

  private void addOverTime(List<Panel> panels, String what, Curve... curves) {
    var lines = new ArrayList<LinePanel.Line>();
    for (int i = 0; i < names.size(); i++) {
      for (Curve curve : curves) {
        LinePanel.Line line = overTime(i, curve);
        if (!line.isEmpty()) {
          lines.add(line);
        }
      }
    }
    if (!lines.isEmpty()) {
      Scale across =
          Scale.time(
              warmUps.isEmpty() ? "mean arrival" : "mean arrival (warm-up shaded)",
              values(lines, LinePanel.Line::x));
      double[] values = values(lines, LinePanel.Line::y);
      Scale up =
          curves[0].figure().unit() == ServingFigure.Unit.SHARE
              ? Scale.percent(what, values)
              : Scale.logarithmic(what, values);
      panels.add(new LinePanel(subject(), across, up, lines, warmUps));
    }
  }

  private LinePanel.Line overTime(int style, Curve curve) {
    ConfigResults config = results.configs().get(style);
    int windows = config.runs().getFirst().windows().size();
    var points = new ArrayList<LinePanel.Point>();
    for (int window = 0; window < windows; window++) {
      double x = config.median(ConfigResults.ofWindow(window, RequestGroup::meanArrival));
      if (Double.isFinite(x)) {
        double y = config.median(ConfigResults.ofWindow(window, curve.figure()::of));
        points.add(new LinePanel.Point(x, y));
      }
    }
    // A session whose answers take long arrives later than its place in the trace.
    points.sort(Comparator.comparingDouble(LinePanel.Point::x));
    return new LinePanel.Line(names.get(style) + curve.suffix(), style, curve.dashed(), points);
  }

  private void addByRound(List<Panel> panels) {
    List<String> rounds = results.rounds();
    if (rounds.size() < 2) {
      return;
    }
    var lines = new ArrayList<LinePanel.Line>();
    for (int i = 0; i < names.size(); i++) {
      ConfigResults config = results.configs().get(i);
      var points = new ArrayList<LinePanel.Point>();
      for (int round = 0; round < rounds.size(); round++) {
        double y = config.median(ConfigResults.ofRound(rounds.get(round), ServingFigure.TTFT_P50));
        points.add(new LinePanel.Point(round, y));
      }
      lines.add(new LinePanel.Line(names.get(i), i, false, points));
    }
    lines.removeIf(LinePanel.Line::isEmpty);
    Scale across = Scale.names("round of the session", rounds);
    Scale up =
        Scale.logarithmic("median time to first token by round", values(lines, LinePanel.Line::y));
    panels.add(new LinePanel(subject(), across, up, lines, List.of()));
  }

  private String subject() {
    int seeds = results.seeds();
    return results.trace().name() + (seeds > 1 ? ", median of %d seeds".formatted(seeds) : "");
  }

  /** Between the last window that is left out and the first that counts. */
  private static OptionalDouble endOfWarmUp(ConfigResults config) {
    double end = config.median(ServingChart::endOfWarmUp);
    return end > 0 ? OptionalDouble.of(end) : OptionalDouble.empty();
  }

  private static double endOfWarmUp(ServingSummary summary) {
    int first = summary.firstWindow();
    if (first == 0) {
      return 0;
    }
    List<RequestGroup> windows = summary.windows();
    return (windows.get(first - 1).meanArrival() + windows.get(first).meanArrival()) / 2;
  }

  private interface Coordinates {
    double[] of(LinePanel.Line line);
  }

  private static double[] values(List<LinePanel.Line> lines, Coordinates coordinates) {
    return lines.stream()
        .map(coordinates::of)
        .flatMapToDouble(DoubleStream::of)
        .filter(Double::isFinite)
        .toArray();
  }
}
