package org.kvcache.sim.report;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.kvcache.sim.RunResult;
import org.kvcache.sim.RunResult.StatePoint;

/**
 * A policy's inner state over one run: one panel for each kind of number, since block counts and
 * rates do not share an axis. Policies name their numbers freely; {@link Kind} tells what they are.
 */
final class StateChart implements Panel {
  private static final int WIDTH = 1280;
  private static final int HEIGHT = 360;
  private static final String SHADOW = "shadow.";
  private static final String LEADER = "leader";
  private static final String SWITCHES = "switches";
  private static final double LEAST_WORTH = 1e-3;

  /** Numbers that share an axis. */
  private enum Kind {
    RATE("hit rate, %"),
    LEADER("leader"),
    SHARE("share of capacity, %"),
    WORTH("worth (log scale) of classes"),
    REUSES("reuses of classes"),
    BLOCKS("blocks");

    private final String title;

    Kind(String title) {
      this.title = title;
    }

    /** What the lines of one panel have in common; for classes, the hint that they were given. */
    String group(String name) {
      return this == WORTH || this == REUSES ? " " + name.substring(0, name.indexOf('.')) : "";
    }

    static Kind of(String name) {
      if (name.startsWith(SHADOW)) {
        return RATE;
      } else if (name.equals(StateChart.LEADER)) {
        return LEADER;
      } else if (name.equals("arc.p")) {
        return SHARE;
      }
      if (name.endsWith(".worth")) {
        return WORTH;
      }
      return name.endsWith(".reuses") ? REUSES : BLOCKS;
    }
  }

  private final RunResult result;
  private final Kind kind;
  private final String group;
  private final Map<String, double[]> lines;

  private StateChart(RunResult result, Kind kind, String group, Map<String, double[]> lines) {
    this.result = result;
    this.kind = kind;
    this.group = group;
    this.lines = lines;
  }

  /** The panels of one run; none if it has no states. */
  static List<StateChart> of(RunResult result) {
    if (result.states().isEmpty()) {
      return List.of();
    }
    // Sorted by kind, which is the order of the panels; within it by group, as more lines than
    // those of a group are too many for a panel.
    var panels = new TreeMap<Kind, Map<String, Map<String, double[]>>>();
    add(panels, Kind.RATE, "this interval", values(result, p -> 100 * p.blockHitRate()));
    for (String name : result.states().getLast().state().keySet()) {
      if (name.equals(SWITCHES)) {
        continue; // the steps of the leader show it
      }
      Kind kind = Kind.of(name);
      double factor = kind == Kind.RATE || kind == Kind.SHARE ? 100 : 1;
      double least = kind == Kind.WORTH ? LEAST_WORTH : 0; // zero has no logarithm
      double[] line =
          values(result, point -> Math.max(least, factor * point.state().getOrDefault(name, 0.0)));
      add(panels, kind, name, line);
    }
    var charts = new ArrayList<StateChart>();
    panels.forEach((kind, groups) ->
        groups.forEach((group, lines) -> charts.add(new StateChart(result, kind, group, lines))));
    return charts;
  }

  private static void add(
      Map<Kind, Map<String, Map<String, double[]>>> panels, Kind kind, String name, double[] line) {
    panels
        .computeIfAbsent(kind, _ -> new LinkedHashMap<>())
        .computeIfAbsent(kind.group(name), _ -> new LinkedHashMap<>())
        .put(name, line);
  }

  private interface Value {
    double of(StatePoint point);
  }

  private static double[] values(RunResult result, Value value) {
    return result.states().stream().mapToDouble(value::of).toArray();
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
    return title() + " of " + String.join(", ", lines.keySet());
  }

  private String title() {
    return "%s, %s at %s blocks: %s"
        .formatted(
            result.trace(),
            result.policy(),
            Numbers.count(result.capacityBlocks()),
            kind.title + group);
  }

  @Override
  public void paint(Graphics2D graphics) {
    var chart = new XYChart(WIDTH, HEIGHT);
    ChartLook.applyTo(chart);
    chart.setTitle(title());
    chart.setXAxisTitle("requests");
    chart.setCustomXAxisTickLabelsFormatter(value -> Numbers.count(Math.round(value)));
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisTickMarkSpacingHint(100);
    chart.getStyler().setYAxisTickMarkSpacingHint(40);
    if (kind == Kind.WORTH) {
      chart.getStyler().setYAxisLogarithmic(true);
      chart.getStyler().setYAxisLogarithmicDecadeOnly(true);
    } else {
      chart.getStyler().setYAxisMin(0.0);
    }
    double[] requests = requests();
    if (kind == Kind.LEADER) {
      addLeaders(chart, requests);
    } else {
      int index = 0;
      for (Map.Entry<String, double[]> line : lines.entrySet()) {
        XYSeries series = chart.addSeries(line.getKey(), requests, withLastTwice(line.getValue()));
        PolicyStyle.of(index++).applyTo(series);
        series.setMarker(SeriesMarkers.NONE);
      }
    }
    chart.paint(graphics, WIDTH, HEIGHT);
  }

  private static double[] withLastTwice(double[] values) {
    double[] longer = Arrays.copyOf(values, values.length + 1);
    longer[values.length] = values[values.length - 1];
    return longer;
  }

  /** XChart puts ticks at odd places if all values have the same distance; so the last has not. */
  private double[] requests() {
    double[] requests = withLastTwice(values(result, StatePoint::request));
    requests[requests.length - 1] += 0.5;
    return requests;
  }

  /** The leader is a number; the shadows are listed in the order of those numbers. */
  private void addLeaders(XYChart chart, double[] requests) {
    List<String> contestants =
        result.states().getLast().state().keySet().stream()
            .filter(name -> name.startsWith(SHADOW))
            .map(name -> name.substring(SHADOW.length()))
            .toList();
    double[] leader = withLastTwice(lines.values().iterator().next());
    for (int i = 0; i < contestants.size(); i++) {
      int contestant = i;
      double[] leads =
          Arrays.stream(leader).map(at -> at == contestant ? contestant : Double.NaN).toArray();
      XYSeries series = chart.addSeries(contestants.get(i), requests, leads);
      PolicyStyle.of(i).applyTo(series);
      series.setLineStyle(new BasicStroke(3));
    }
    chart.getStyler().setYAxisTicksVisible(false);
    chart.getStyler().setYAxisMin(-1.0);
    chart.getStyler().setYAxisMax((double) contestants.size());
  }
}
