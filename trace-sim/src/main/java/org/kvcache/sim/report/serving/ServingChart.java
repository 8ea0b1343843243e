package org.kvcache.sim.report.serving;

import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.kvcache.sim.report.ChartLook;
import org.kvcache.sim.report.Charts;
import org.kvcache.sim.report.Panel;
import org.kvcache.sim.report.PolicyStyle;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.report.serving.ServingResults.ConfigResults;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingSummary;

/** Latencies and hits over time, and by round, of the first seed: one line a configuration. */
public final class ServingChart implements Panel {
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 420;
  private static final int COLUMNS = 2;
  private static final double MILLIS = 1e3;

  /** From here on a linear axis would hide the small values. */
  private static final double DECADES = 50;

  private final ServingResults results;
  private final String title;
  private final boolean byRound;
  private final boolean logarithmic;
  private final ToDoubleFunction<RequestGroup> value;

  private ServingChart(
      ServingResults results,
      String title,
      boolean byRound,
      boolean logarithmic,
      ToDoubleFunction<RequestGroup> value) {
    this.results = results;
    this.title = title;
    this.byRound = byRound;
    this.logarithmic = logarithmic;
    this.value = value;
  }

  /**
   * Draws all panels into a .png or .svg.
   *
   * @throws IllegalArgumentException if they cannot be drawn or written
   */
  public static void write(ServingResults results, ReportFile file) {
    var panels = new ArrayList<ServingChart>();
    panels.add(new ServingChart(results, "time to first token, p50, ms", false, true, ttft(50)));
    panels.add(new ServingChart(results, "time to first token, p99, ms", false, true, ttft(99)));
    panels.add(
        new ServingChart(
            results,
            "between tokens, p90, ms",
            false,
            true,
            group -> MILLIS * group.gaps().seconds(90)));
    panels.add(
        new ServingChart(
            results, "prompt tokens found, %", false, false, group -> 100 * found(group)));
    if (results.configs().getFirst().runs().getFirst().rounds().size() > 1) {
      panels.add(new ServingChart(results, "time to first token, p50, ms", true, true, ttft(50)));
      panels.add(
          new ServingChart(
              results, "prompt tokens found, %", true, false, group -> 100 * found(group)));
    }
    Charts.draw(panels, COLUMNS, file);
  }

  private static ToDoubleFunction<RequestGroup> ttft(double percent) {
    return group -> MILLIS * group.timeToFirstToken().at(percent);
  }

  private static double found(RequestGroup group) {
    double found = group.cachedTokens();
    for (long tokens : group.restoredTokens()) {
      found += tokens;
    }
    return group.inputTokens() == 0 ? 0 : found / group.inputTokens();
  }

  @Override
  public String description() {
    return title + (byRound ? " by round" : " over time") + " on " + results.trace().name();
  }

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public int height() {
    return HEIGHT;
  }

  @Override
  public void paint(Graphics2D graphics) {
    var chart = new XYChart(WIDTH, HEIGHT);
    ChartLook.applyTo(chart);
    chart.setTitle(title + (byRound ? ", by round" : ""));
    chart.setXAxisTitle(byRound ? "round of the session (classes)" : "minutes");
    int index = 0;
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (ConfigResults config : results.configs()) {
      ServingSummary run = config.runs().getFirst();
      List<RequestGroup> groups = byRound ? run.rounds() : run.windows();
      var xs = new ArrayList<Double>();
      var ys = new ArrayList<Double>();
      for (int i = 0; i < groups.size(); i++) {
        double y = value.applyAsDouble(groups.get(i));
        if (Double.isFinite(y) && (!logarithmic || y > 0)) {
          xs.add(byRound ? i + 1.0 : groups.get(i).meanArrival() / 60);
          ys.add(y);
          least = Math.min(least, y);
          most = Math.max(most, y);
        }
      }
      if (!xs.isEmpty()) {
        XYSeries series = chart.addSeries(config.label(), xs, ys);
        PolicyStyle.of(index).applyTo(series);
        series.setMarker(SeriesMarkers.NONE);
      }
      index++;
    }
    if (logarithmic && most > DECADES * least) {
      chart.getStyler().setYAxisLogarithmic(true);
    } else {
      chart.getStyler().setYAxisMin(0.0);
    }
    chart.paint(graphics, WIDTH, HEIGHT);
  }
}
