package org.kvcache.sim.cost;

import java.util.Collection;
import java.util.function.ToDoubleFunction;

/**
 * How far predictions are off, as shares of the measured times, without their signs.
 *
 * @param points how many there are, at least 1
 * @param presetMedian with the preset's factors, half of the points are off by no more
 * @param median with the fitted ones
 * @param p90 nine of ten points are off by no more
 * @param max of all
 */
public record FitErrors(int points, double presetMedian, double median, double p90, double max) {

  /** Of points, at least one. */
  public static FitErrors of(Collection<Prediction> points) {
    double[] errors = sorted(points, Prediction::error);
    return new FitErrors(
        errors.length,
        quantile(sorted(points, Prediction::presetError), 0.5),
        quantile(errors, 0.5),
        quantile(errors, 0.9),
        quantile(errors, 1));
  }

  private static double[] sorted(
      Collection<Prediction> points, ToDoubleFunction<Prediction> error) {
    return points.stream().mapToDouble(error).map(Math::abs).sorted().toArray();
  }

  /** The nearest rank. */
  private static double quantile(double[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }
}
