package org.kvcache.sim.report;

import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.util.List;
import java.util.stream.Stream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.kvcache.sim.RunResult;
import org.kvcache.sim.Simulator;

/**
 * Hit rate over capacity on one trace, with both bounds.
 *
 * <p>The axis of capacities is logarithmic and labelled at the capacities themselves, in blocks and
 * below that as a share. XChart labels logarithmic axes at powers of ten only, so it is given
 * logarithms on a plain axis without labels, and the labels are drawn here.
 */
final class HitRateChart implements Panel {
  private static final int WIDTH = 1280;
  private static final int HEIGHT = 720;
  private static final int AXIS_HEIGHT = 80;
  private static final int TICK_LENGTH = 6;
  private static final int LABEL_GAP = 14;
  private static final int ZERO_GAP = 10;
  private static final int TICK_SPACING = 60;

  private final TraceResults results;
  private final List<String> names;
  private final List<Integer> capacities;

  HitRateChart(TraceResults results) {
    this.results = results;
    names = Simulator.names();
    capacities = results.capacities();
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
  public String description() {
    return title() + ": block hit rate over capacity of " + String.join(", ", lines());
  }

  private List<String> lines() {
    return Stream.concat(
            results.rankedPolicies().stream(), results.bounds().stream().map(RunResult::policy))
        .distinct()
        .toList();
  }

  @Override
  public void paint(Graphics2D graphics) {
    double[] ends = ends();
    XYChart chart = new XYChart(WIDTH, HEIGHT - AXIS_HEIGHT);
    ChartLook.applyTo(chart);
    chart.setTitle(title());
    chart.setYAxisTitle("block hit rate, %");
    chart.getStyler().setXAxisTicksVisible(false);
    chart.getStyler().setXAxisTitleVisible(false);
    chart.getStyler().setXAxisMin(ends[0]);
    chart.getStyler().setXAxisMax(ends[1]);
    // Otherwise XChart leaves a band below zero; but then it labels no tick at zero.
    chart.getStyler().setPlotContentSize(1);
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setYAxisMax(highest());
    chart.getStyler().setYAxisTickMarkSpacingHint(TICK_SPACING);
    addBounds(chart, ends);
    for (String policy : results.rankedPolicies()) {
      if (!TraceResults.isBound(policy)) {
        XYSeries series = add(chart, policy, results.of(policy).toList());
        PolicyStyle.of(Math.max(0, names.indexOf(policy))).applyTo(series);
      }
    }
    chart.paint(graphics, WIDTH, HEIGHT - AXIS_HEIGHT);
    paintAxis(graphics, chart, ends);
  }

  private String title() {
    RunResult any = results.results().getFirst();
    return results.trace().name()
        + (any.mode().equals("flat") ? ", plain keys" : "")
        + (any.window() > 1 ? ", " + any.window() + " requests at once" : "");
  }

  private void addBounds(XYChart chart, double[] ends) {
    double infinite =
        results.results().stream()
            .filter(result -> result.policy().equals(Simulator.INFINITE))
            .findFirst()
            .map(RunResult::blockHitRate)
            .orElse(results.trace().infiniteHitRate());
    double[] level = {100 * infinite, 100 * infinite};
    PolicyStyle.INFINITE.applyTo(chart.addSeries("infinite cache", ends, level));
    List<RunResult> opt =
        Stream.concat(results.results().stream(), results.bounds().stream())
            .filter(result -> result.policy().equals(Simulator.OPT))
            .toList();
    if (!opt.isEmpty()) {
      PolicyStyle.OPT.applyTo(add(chart, "OPT (Belady)", opt));
    }
  }

  private static XYSeries add(XYChart chart, String name, List<RunResult> points) {
    return chart.addSeries(
        name,
        points.stream().mapToDouble(point -> Math.log10(point.capacityBlocks())).toArray(),
        points.stream().mapToDouble(point -> 100 * point.blockHitRate()).toArray());
  }

  private double[] ends() {
    double low = Math.log10(capacities.isEmpty() ? 1 : capacities.getFirst());
    double high =
        Math.log10(
            capacities.isEmpty()
                ? Math.max(1, results.trace().uniqueBlocks())
                : capacities.getLast());
    double margin = Math.max(0.05, 0.05 * (high - low));
    return new double[] {low - margin, high + margin};
  }

  private double highest() {
    double highest =
        Stream.concat(results.results().stream(), results.bounds().stream())
            .mapToDouble(RunResult::blockHitRate)
            .reduce(results.trace().infiniteHitRate(), Math::max);
    return Math.min(105, Math.max(1, 105 * highest));
  }

  private void paintAxis(Graphics2D graphics, XYChart chart, double[] ends) {
    int top = (int) Math.round(chart.getScreenYFromChart(0));
    double left = chart.getScreenXFromChart(ends[0]);
    double right = chart.getScreenXFromChart(ends[1]);
    graphics.setColor(ChartLook.INK);
    graphics.setFont(ChartLook.TICK);
    FontMetrics metrics = graphics.getFontMetrics();
    int line = metrics.getHeight();
    int zeroRight = (int) Math.round(left) - ZERO_GAP;
    graphics.drawString("0", zeroRight - metrics.stringWidth("0"), top + metrics.getAscent() / 3);
    double free = left - LABEL_GAP;
    for (int capacity : capacities) {
      int x = (int) Math.round(chart.getScreenXFromChart(Math.log10(capacity)));
      graphics.drawLine(x, top, x, top + TICK_LENGTH);
      String blocks = Numbers.count(capacity);
      String share = Numbers.share(results.trace().share(capacity));
      int half = Math.max(metrics.stringWidth(blocks), metrics.stringWidth(share)) / 2;
      if (x - half < free + LABEL_GAP && free > left) {
        continue;
      }
      free = x + half;
      center(graphics, metrics, blocks, x, top + TICK_LENGTH + line);
      center(graphics, metrics, share, x, top + TICK_LENGTH + 2 * line);
    }
    graphics.setFont(ChartLook.AXIS);
    String title =
        "capacity in blocks of %d tokens (log scale), and as a share of %s unique blocks"
            .formatted(
                results.trace().blockTokens(), Numbers.count(results.trace().uniqueBlocks()));
    int middle = (int) Math.round((left + right) / 2);
    center(graphics, graphics.getFontMetrics(), title, middle, top + TICK_LENGTH + 3 * line + 12);
  }

  private static void center(
      Graphics2D graphics, FontMetrics metrics, String text, int x, int baseline) {
    graphics.drawString(text, x - metrics.stringWidth(text) / 2, baseline);
  }
}
