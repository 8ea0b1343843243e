package org.kvcache.sim.report.serving;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.kvcache.sim.metrics.Interval;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingSummary;

/**
 * One configuration's runs.
 *
 * @param label how reports call it
 * @param runs one for each seed, at least one
 */
public record ConfigResults(String label, List<ServingSummary> runs) {

  /** Copies the list. */
  public ConfigResults {
    runs = List.copyOf(runs);
    if (runs.isEmpty()) {
      throw new IllegalArgumentException(label + " has no run; give one for each seed");
    }
  }

  List<Long> seeds() {
    return runs.stream().map(summary -> summary.run().seed()).toList();
  }

  /** A figure of each run, in the order of seeds; NaN where there is none. */
  double[] values(ToDoubleFunction<ServingSummary> figure) {
    return runs.stream().mapToDouble(figure).toArray();
  }

  /** A figure over the runs that have it. */
  Interval interval(ToDoubleFunction<ServingSummary> figure, double confidence) {
    double[] present = Arrays.stream(values(figure)).filter(Double::isFinite).toArray();
    return Interval.of(present, confidence);
  }

  /** The median of a figure over the runs that have it; NaN if none has. */
  double median(ToDoubleFunction<ServingSummary> figure) {
    double[] sorted = Arrays.stream(values(figure)).filter(Double::isFinite).sorted().toArray();
    int half = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** Reads a figure off the requests of a class of rounds. */
  static ToDoubleFunction<ServingSummary> ofRound(String label, ServingFigure figure) {
    return summary ->
        summary.rounds().stream()
            .filter(group -> group.label().equals(label))
            .mapToDouble(figure::of)
            .findFirst()
            .orElse(Double.NaN);
  }

  /** Reads a figure off the requests of a window. */
  static ToDoubleFunction<ServingSummary> ofWindow(
      int window, ToDoubleFunction<RequestGroup> figure) {
    return summary -> figure.applyAsDouble(summary.windows().get(window));
  }
}
