package org.kvcache.sim.cli;

import java.awt.Color;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.kvcache.sim.cost.Calibration;
import org.kvcache.sim.cost.MeasuredPass.Phase;
import org.kvcache.sim.cost.Prediction;
import org.kvcache.sim.report.ChartLook;
import org.kvcache.sim.report.Panel;
import org.kvcache.sim.report.PolicyStyle;

/** Predicted over measured times, both on a logarithmic axis; a right prediction is on the line. */
final class CalibrationChart implements Panel {
  private static final int WIDTH = 1040;
  private static final int HEIGHT = 800;
  private static final double MILLIS = 1e3;
  private static final double MARGIN = 1.25;

  private final Calibration calibration;
  private final String title;

  CalibrationChart(Calibration calibration, String title) {
    this.calibration = calibration;
    this.title = title;
  }

  @Override
  public String description() {
    return title + ", predicted over measured times of " + String.join(", ", names());
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
    chart.setTitle(title);
    chart.setXAxisTitle("measured, ms");
    chart.setYAxisTitle("predicted, ms");
    chart.getStyler().setXAxisLogarithmic(true);
    chart.getStyler().setYAxisLogarithmic(true);
    double least = times().min().orElseThrow() / MARGIN;
    double most = times().max().orElseThrow() * MARGIN;
    if (Math.floor(Math.log10(least)) == Math.floor(Math.log10(most))) {
      least = Math.pow(10, Math.floor(Math.log10(least))); // only powers of ten have labels
      most = 10 * least;
    }
    chart.getStyler().setXAxisMin(least);
    chart.getStyler().setXAxisMax(most);
    chart.getStyler().setYAxisMin(least);
    chart.getStyler().setYAxisMax(most);
    double[] ends = {least, most};
    XYSeries line = chart.addSeries("predicted = measured", ends, ends);
    line.setMarker(SeriesMarkers.NONE);
    line.setLineColor(Color.GRAY);
    List<String> names = names();
    for (String name : names) {
      List<Prediction> points =
          calibration.points().stream().filter(point -> name(point).equals(name)).toList();
      XYSeries series =
          chart.addSeries(
              name,
              points.stream().mapToDouble(point -> MILLIS * point.pass().seconds()).toArray(),
              points.stream().mapToDouble(point -> MILLIS * point.seconds()).toArray());
      PolicyStyle.of(names.indexOf(name)).applyTo(series);
      series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    }
    chart.paint(graphics, WIDTH, HEIGHT);
  }

  private DoubleStream times() {
    return calibration.points().stream()
        .flatMapToDouble(point -> DoubleStream.of(point.pass().seconds(), point.seconds()))
        .map(seconds -> MILLIS * seconds);
  }

  private List<String> names() {
    var names = new ArrayList<String>();
    for (Phase phase : Phase.values()) {
      calibration.points().stream()
          .filter(point -> point.pass().shape().phase() == phase)
          .map(CalibrationChart::name)
          .distinct()
          .sorted()
          .forEach(names::add);
    }
    return names;
  }

  private static String name(Prediction point) {
    String phase = ErrorGroup.name(point.pass().shape().phase());
    return point.heldBack() ? phase + ", held back" : phase;
  }
}
