package org.kvcache.bench.herald;

import java.awt.Graphics2D;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.kvcache.sim.report.ChartLook;
import org.kvcache.sim.report.Panel;
import org.kvcache.sim.report.PolicyStyle;

/** Right blocks with two needles over the budget, a line for each method. */
final class AccuracyChart implements Panel {

  private static final int WIDTH = 1280;
  private static final int HEIGHT = 720;

  private final List<AccuracyRow> rows;
  private final List<Double> budgets;
  private final String scheme;

  /** The rows of one scheme. */
  AccuracyChart(List<AccuracyRow> rows, List<Double> budgets) {
    this.rows = List.copyOf(rows);
    this.budgets = List.copyOf(budgets);
    scheme = rows.getFirst().scheme();
  }

  private String title() {
    return "Right blocks, two needles in each: " + scheme;
  }

  @Override
  public String description() {
    return title() + ", by budget and method";
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
    chart.setTitle(title());
    chart.setXAxisTitle("% of the prefix seen");
    chart.setYAxisTitle("% of blocks right");
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(102.0);
    List<String> methods = rows.stream().map(AccuracyRow::method).distinct().toList();
    for (String method : methods) {
      List<AccuracyRow> some = rows.stream().filter(row -> row.method().equals(method)).toList();
      double[] shares = budgets.stream().mapToDouble(budget -> 100 * budget).toArray();
      double[] right = new double[shares.length];
      for (int i = 0; i < right.length; i++) {
        right[i] = 100 * some.get(Math.min(i, some.size() - 1)).twoBlocks();
      }
      XYSeries series = chart.addSeries(method, shares, right);
      PolicyStyle.of(methods.indexOf(method)).applyTo(series);
    }
    chart.paint(graphics, WIDTH, HEIGHT);
  }
}
