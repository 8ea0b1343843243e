package org.kvcache.sim.metrics;

import org.hipparchus.distribution.continuous.TDistribution;

/**
 * A mean over independent runs and the confidence interval around it, by Student's t.
 *
 * @param low lower end; NaN if there are fewer than two runs
 * @param mean of the runs; NaN if there is none
 * @param high upper end; NaN if there are fewer than two runs
 * @param count number of runs
 */
public record Interval(double low, double mean, double high, int count) {

  /**
   * The mean of one figure over runs with different seeds.
   *
   * @param values the figure of each run
   * @param confidence share of such intervals that hold the true mean, between 0 and 1
   * @throws IllegalArgumentException if a value is not finite
   */
  public static Interval of(double[] values, double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException(
          "confidence of " + confidence + "; give a share between 0 and 1, such as 0.95");
    }
    double mean = 0;
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      if (!Double.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "run %d has %s; leave out runs without a number".formatted(i, values[i]));
      }
      double apart = values[i] - mean;
      mean += apart / (i + 1);
      squares += apart * (values[i] - mean);
    }
    int count = values.length;
    return switch (count) {
      case 0 -> new Interval(Double.NaN, Double.NaN, Double.NaN, 0);
      case 1 -> new Interval(Double.NaN, mean, Double.NaN, 1);
      default -> {
        int freedom = count - 1;
        double quantile =
            new TDistribution(freedom).inverseCumulativeProbability((1 + confidence) / 2);
        double half = quantile * Math.sqrt(squares / freedom / count);
        yield new Interval(mean - half, mean, mean + half, count);
      }
    };
  }

  /**
   * How many times the base a figure is, over pairs of runs with the same seed. The mean is the
   * geometric one and the interval that of the mean logarithm, turned back, so that swapping the
   * two sides gives one over it. What both runs of a seed share cancels out.
   *
   * @param values the figure of each run, above 0
   * @param base the figure of the run of the same seed to compare with, above 0
   * @param confidence share of such intervals that hold the true ratio, between 0 and 1
   * @throws IllegalArgumentException if lengths differ or a value is not finite or not above 0
   */
  public static Interval ofRatios(double[] values, double[] base, double confidence) {
    if (values.length != base.length) {
      throw new IllegalArgumentException(
          "%d runs against %d; give one of each for every seed"
              .formatted(values.length, base.length));
    }
    double[] logs = new double[values.length];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = Math.log(values[i]) - Math.log(base[i]);
      if (!Double.isFinite(logs[i])) {
        throw new IllegalArgumentException(
            "run %d has %s against %s; ratios need finite numbers above 0"
                .formatted(i, values[i], base[i]));
      }
    }
    Interval log = of(logs, confidence);
    return new Interval(Math.exp(log.low), Math.exp(log.mean), Math.exp(log.high), log.count);
  }

  /** Half of the way from end to end; NaN if there are fewer than two runs. */
  public double halfWidth() {
    return (high - low) / 2;
  }
}
