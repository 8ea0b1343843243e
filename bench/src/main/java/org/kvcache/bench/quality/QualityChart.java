package org.kvcache.bench.quality;

import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.geom.AffineTransform;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.kvcache.sim.report.ChartLook;
import org.kvcache.sim.report.Panel;
import org.kvcache.sim.report.PolicyStyle;

/**
 * Error of attention's output: distributions across, a dot for each scheme, logarithms up.
 *
 * <p>XChart labels logarithmic axes at powers of ten only and wants numbers across, so it is given
 * logarithms and places on plain axes without labels, and the labels are drawn here.
 */
final class QualityChart implements Panel {
  private static final int WIDTH = 1280;
  private static final int HEIGHT = 720;
  private static final int AXIS_WIDTH = 80;
  private static final int AXIS_HEIGHT = 40;
  private static final int LABEL_GAP = 10;

  /** How much of the room of a distribution its dots take. */
  private static final double SPREAD = 0.7;

  /** What is nearer to exact has no dot: it would squeeze all others together. */
  private static final double LEAST = 1e-4;

  private static final double[] STEPS = {1, 2, 5};

  private final List<QualityResult> results;
  private final List<String> distributions;
  private final List<String> schemes;
  private final String title;

  QualityChart(List<QualityResult> results, String title) {
    this.results =
        results.stream()
            .filter(result -> error(result) >= LEAST && Double.isFinite(error(result)))
            .toList();
    this.title = title;
    distributions = results.stream().map(QualityResult::distribution).distinct().toList();
    schemes = results.stream().map(QualityResult::scheme).distinct().toList();
  }

  @Override
  public String description() {
    return title + ": error of attention's output by distribution of " + String.join(", ", schemes);
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
    double low = Math.log10(results.stream().mapToDouble(QualityChart::error).min().orElse(0.1));
    double high = Math.log10(results.stream().mapToDouble(QualityChart::error).max().orElse(1));
    double margin = Math.max(0.1, 0.05 * (high - low));
    XYChart chart = chart(low - margin, high + margin);
    AffineTransform origin = graphics.getTransform();
    graphics.translate(AXIS_WIDTH, 0);
    chart.paint(graphics, WIDTH - AXIS_WIDTH, HEIGHT - AXIS_HEIGHT);
    paintLabels(graphics, chart, low - margin, high + margin);
    graphics.setTransform(origin);
  }

  private XYChart chart(double low, double high) {
    XYChart chart = new XYChart(WIDTH - AXIS_WIDTH, HEIGHT - AXIS_HEIGHT);
    ChartLook.applyTo(chart);
    chart.setTitle(title);
    var styler = chart.getStyler();
    styler.setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    styler.setAxisTicksVisible(false);
    styler.setXAxisTitleVisible(false);
    styler.setYAxisTitleVisible(false);
    styler.setPlotGridLinesVisible(false);
    styler.setPlotContentSize(1);
    styler.setXAxisMin(-0.5);
    styler.setXAxisMax(distributions.size() - 0.5);
    styler.setYAxisMin(low);
    styler.setYAxisMax(high);
    for (double tick : ticks(low, high)) {
      double[] across = {-0.5, distributions.size() - 0.5};
      XYSeries line =
          chart.addSeries("at " + tick, across, new double[] {Math.log10(tick), Math.log10(tick)});
      line.setXYSeriesRenderStyle(XYSeriesRenderStyle.Line);
      line.setMarker(SeriesMarkers.NONE).setLineColor(ChartLook.GRID).setLineWidth(1);
      line.setShowInLegend(false);
    }
    for (int s = 0; s < schemes.size(); s++) {
      addDots(chart, s);
    }
    return chart;
  }

  private static List<Double> ticks(double low, double high) {
    var ticks = new ArrayList<Double>();
    for (int power = (int) Math.floor(low); power <= high; power++) {
      for (double step : STEPS) {
        double tick = step * Math.pow(10, power);
        if (Math.log10(tick) >= low && Math.log10(tick) <= high) {
          ticks.add(tick);
        }
      }
    }
    return ticks;
  }

  private void addDots(XYChart chart, int scheme) {
    List<QualityResult> dots =
        results.stream().filter(dot -> dot.scheme().equals(schemes.get(scheme))).toList();
    if (dots.isEmpty()) {
      return;
    }
    double shift = SPREAD * ((scheme + 0.5) / schemes.size() - 0.5);
    XYSeries series =
        chart.addSeries(
            schemes.get(scheme),
            dots.stream()
                .mapToDouble(dot -> distributions.indexOf(dot.distribution()) + shift)
                .toArray(),
            dots.stream().mapToDouble(dot -> Math.log10(error(dot))).toArray());
    PolicyStyle.of(scheme).applyTo(series);
  }

  private void paintLabels(Graphics2D graphics, XYChart chart, double low, double high) {
    graphics.setColor(ChartLook.INK);
    graphics.setFont(ChartLook.TICK);
    FontMetrics metrics = graphics.getFontMetrics();
    int left = (int) Math.round(chart.getScreenXFromChart(-0.5));
    int bottom = (int) Math.round(chart.getScreenYFromChart(low));
    for (double tick : ticks(low, high)) {
      int y = (int) Math.round(chart.getScreenYFromChart(Math.log10(tick)));
      String label = new BigDecimal(tick).round(new MathContext(1)).toPlainString();
      graphics.drawLine(left - LABEL_GAP / 2, y, left, y);
      graphics.drawString(
          label, left - LABEL_GAP - metrics.stringWidth(label), y + metrics.getAscent() / 3);
    }
    graphics.setFont(ChartLook.AXIS);
    for (int i = 0; i < distributions.size(); i++) {
      String name = distributions.get(i);
      int x = (int) Math.round(chart.getScreenXFromChart(i));
      int width = graphics.getFontMetrics().stringWidth(name);
      graphics.drawString(name, x - width / 2, bottom + 2 * LABEL_GAP + LABEL_GAP / 2);
    }
    String axis = "error of attention's output (log scale)";
    AffineTransform upright = graphics.getTransform();
    graphics.rotate(-Math.PI / 2);
    int middle = (bottom + (int) Math.round(chart.getScreenYFromChart(high))) / 2;
    graphics.drawString(
        axis,
        -middle - graphics.getFontMetrics().stringWidth(axis) / 2,
        2 * LABEL_GAP - AXIS_WIDTH);
    graphics.setTransform(upright);
  }

  private static double error(QualityResult result) {
    return result.quality().outputError();
  }
}
