package org.kvcache.sim.report.serving;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.kvcache.sim.report.ChartLook;
import org.kvcache.sim.report.Panel;
import org.kvcache.sim.report.PolicyStyle;

/**
 * Lines over an axis. XChart names logarithmic axes at powers of ten only and even ones at odd
 * places, so it draws without names and the names are drawn here.
 */
record LinePanel(String subject, Scale across, Scale up, List<Line> lines, List<Mark> marks)
    implements Panel {

  private static final int WIDTH = 1280;
  private static final int HEIGHT = 420;
  private static final int LEFT = 90;
  private static final int BELOW = 64;
  private static final int TICK_LENGTH = 6;
  private static final int MARKER = 7;
  private static final Color SHADE = new Color(0x14000000, true);
  private static final BasicStroke DASHES =
      new BasicStroke(2, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10, new float[] {4, 4}, 0);

  /**
   * One line.
   *
   * @param name in the legend
   * @param style number of its colour
   * @param dashed whether it is a second line of that colour
   * @param points from left to right
   */
  record Line(String name, int style, boolean dashed, List<Point> points) {
    double[] x() {
      return points.stream().mapToDouble(Point::x).toArray();
    }

    double[] y() {
      return points.stream().mapToDouble(Point::y).toArray();
    }

    boolean isEmpty() {
      return points.stream().noneMatch(point -> Double.isFinite(point.y));
    }
  }

  /**
   * A point of a line.
   *
   * @param x value across, a number
   * @param y value up; NaN leaves a gap
   */
  record Point(double x, double y) {}

  /**
   * Where something ends; all before it is shaded.
   *
   * @param style number of its colour
   * @param x value across
   */
  record Mark(int style, double x) {}

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public int height() {
    return HEIGHT;
  }

  private String title() {
    return subject + ": " + up.title();
  }

  @Override
  public String description() {
    return title() + " of " + String.join(", ", lines.stream().map(Line::name).toList());
  }

  @Override
  public void paint(Graphics2D graphics) {
    XYChart chart = new XYChart(WIDTH - LEFT, HEIGHT - BELOW);
    ChartLook.applyTo(chart);
    chart.setTitle(title());
    chart.getStyler().setAxisTicksVisible(false);
    chart.getStyler().setXAxisTitleVisible(false);
    chart.getStyler().setYAxisTitleVisible(false);
    chart.getStyler().setPlotGridLinesVisible(false);
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setMarkerSize(MARKER);
    chart.getStyler().setXAxisMin(across.low());
    chart.getStyler().setXAxisMax(across.high());
    chart.getStyler().setYAxisMin(up.low());
    chart.getStyler().setYAxisMax(up.high());
    for (Scale.Tick tick : up.ticks()) {
      addGrid(chart, tick);
    }
    for (Line line : lines) {
      XYSeries series =
          chart.addSeries(line.name(), across.positions(line.x()), up.positions(line.y()));
      dress(series, line);
    }
    graphics.translate(LEFT, 0);
    chart.paint(graphics, WIDTH - LEFT, HEIGHT - BELOW);
    paintMarks(graphics, chart);
    paintAxes(graphics, chart);
    graphics.translate(-LEFT, 0);
  }

  private void addGrid(XYChart chart, Scale.Tick tick) {
    XYSeries series =
        chart.addSeries(
            "grid " + tick.label(),
            new double[] {across.low(), across.high()},
            new double[] {tick.position(), tick.position()});
    series.setShowInLegend(false);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(ChartLook.GRID);
    series.setLineStyle(new BasicStroke(1));
  }

  private static void dress(XYSeries series, Line line) {
    PolicyStyle style = PolicyStyle.of(line.style());
    style.applyTo(series);
    if (line.dashed()) {
      series.setLineStyle(DASHES);
      series.setMarker(SeriesMarkers.NONE);
    } else {
      series.setLineStyle(new BasicStroke(2.4f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND));
    }
  }

  private void paintMarks(Graphics2D graphics, XYChart chart) {
    int left = (int) Math.round(chart.getScreenXFromChart(across.low()));
    int bottom = (int) Math.round(chart.getScreenYFromChart(up.low()));
    int top = (int) Math.round(chart.getScreenYFromChart(up.high()));
    for (Mark mark : marks) {
      int x =
          (int) Math.round(chart.getScreenXFromChart(across.position().applyAsDouble(mark.x())));
      graphics.setColor(SHADE);
      graphics.fillRect(left, top, x - left, bottom - top);
      graphics.setColor(PolicyStyle.of(mark.style()).color());
      graphics.setStroke(DASHES);
      graphics.drawLine(x, top, x, bottom);
    }
  }

  private void paintAxes(Graphics2D graphics, XYChart chart) {
    int left = (int) Math.round(chart.getScreenXFromChart(across.low()));
    int right = (int) Math.round(chart.getScreenXFromChart(across.high()));
    int bottom = (int) Math.round(chart.getScreenYFromChart(up.low()));
    graphics.setColor(ChartLook.INK);
    graphics.setStroke(new BasicStroke(1));
    graphics.setFont(ChartLook.TICK);
    FontMetrics metrics = graphics.getFontMetrics();
    for (Scale.Tick tick : up.ticks()) {
      int y = (int) Math.round(chart.getScreenYFromChart(tick.position()));
      int end = left - TICK_LENGTH;
      graphics.drawLine(end, y, left, y);
      graphics.drawString(
          tick.label(),
          end - TICK_LENGTH - metrics.stringWidth(tick.label()),
          y + metrics.getAscent() / 3);
    }
    int baseline = bottom + TICK_LENGTH + metrics.getHeight();
    for (Scale.Tick tick : across.ticks()) {
      int x = (int) Math.round(chart.getScreenXFromChart(tick.position()));
      graphics.drawLine(x, bottom, x, bottom + TICK_LENGTH);
      center(graphics, metrics, tick.label(), x, baseline);
    }
    graphics.setFont(ChartLook.AXIS);
    FontMetrics title = graphics.getFontMetrics();
    center(graphics, title, across.title(), (left + right) / 2, baseline + title.getHeight());
  }

  private static void center(
      Graphics2D graphics, FontMetrics metrics, String text, int x, int baseline) {
    graphics.drawString(text, x - metrics.stringWidth(text) / 2, baseline);
  }
}
