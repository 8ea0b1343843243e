package org.kvcache.bench.serve;

import java.awt.Graphics2D;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.kvcache.sim.report.ChartLook;
import org.kvcache.sim.report.Panel;
import org.kvcache.sim.report.PolicyStyle;

/** Time to first token, request by request: turns go from left to right. */
final class ServeChart implements Panel {

  private static final int WIDTH = 1280;
  private static final int HEIGHT = 720;

  private final ServeResult result;

  ServeChart(ServeResult result) {
    this.result = result;
  }

  @Override
  public String description() {
    return "time to first token of " + result.workload() + ", without and with the cache";
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
    chart.setTitle("Time to first token: " + result.workload());
    chart.setXAxisTitle("request, in the order of arrival");
    chart.setYAxisTitle("ms");
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    chart.getStyler().setYAxisMin(0.0);
    add(chart, "flat float32, nothing shared", result.without(), 0);
    add(chart, "kvcache, " + result.scheme() + ", " + result.policy(), result.with(), 1);
    chart.paint(graphics, WIDTH, HEIGHT);
  }

  private static void add(XYChart chart, String name, ServeRun run, int style) {
    double[] millis = run.firstTokenMillis();
    double[] numbers = IntStream.rangeClosed(1, millis.length).asDoubleStream().toArray();
    XYSeries series = chart.addSeries(name, numbers, millis);
    PolicyStyle.of(style).applyTo(series);
  }
}
