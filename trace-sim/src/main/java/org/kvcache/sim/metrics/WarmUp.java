package org.kvcache.sim.metrics;

import java.util.OptionalInt;

/**
 * Finds where a run reaches its steady state by MSER-5, the marginal standard error rule on means
 * of five values (K. P. White Jr., An effective truncation heuristic for bias reduction in
 * simulation output, Simulation 69(6), 1997; batches: White, Cobb and Spratt, Winter Simulation
 * Conference 2000). Of all cuts it takes the one whose rest has the smallest sum of squared
 * deviations over the squared number of batches; the earliest of equals. That no steady state is
 * found is a sign of overload and no proof: short series and heavy load give it by chance too.
 */
public final class WarmUp {
  private static final int BATCH = 5;

  /** With fewer values nothing is cut. */
  private static final int LEAST_VALUES = 20;

  /** A rest of fewer batches is alike by chance; it is no steady state. */
  private static final int LEAST_REST = 5;

  private WarmUp() {}

  /**
   * The first index to keep: that of the series which settles last.
   *
   * <p>NaN stands for no value. A batch is the mean of the values it has; a batch without any is
   * passed over. Values after the last whole batch are not looked at.
   *
   * @param series values in order of time, all of one length
   * @return a multiple of 5, 0 if nothing is to be cut or a series has fewer than 20 values; empty
   *     if the best cut of a series leaves half of its batches or fewer, so no steady state was
   *     seen, as when a queue grows without end
   * @throws IllegalArgumentException if lengths differ or a value is infinite
   */
  public static OptionalInt end(double[]... series) {
    int latest = 0;
    boolean settled = true;
    for (double[] one : series) {
      if (one.length != series[0].length) {
        throw new IllegalArgumentException(
            "series of %d and of %d values; give all the same times"
                .formatted(series[0].length, one.length));
      }
      OptionalInt end = endOfOne(one);
      settled &= end.isPresent();
      latest = Math.max(latest, end.orElse(0));
    }
    return settled ? OptionalInt.of(latest) : OptionalInt.empty();
  }

  private static OptionalInt endOfOne(double[] series) {
    int values = 0;
    for (int i = 0; i < series.length; i++) {
      if (Double.isInfinite(series[i])) {
        throw new IllegalArgumentException(
            "value %d is %s; give a finite number, or NaN for none".formatted(i, series[i]));
      }
      values += Double.isNaN(series[i]) ? 0 : 1;
    }
    if (values < LEAST_VALUES) {
      return OptionalInt.of(0);
    }
    double[] means = new double[series.length / BATCH];
    int[] ends = new int[means.length];
    int batches = 0;
    for (int end = BATCH; end <= series.length; end += BATCH) {
      double mean = mean(series, end - BATCH, end);
      if (!Double.isNaN(mean)) {
        means[batches] = mean;
        ends[batches++] = end;
      }
    }
    int dropped = bestCut(means, batches);
    if (2 * dropped >= batches) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(dropped == 0 ? 0 : ends[dropped - 1]);
  }

  private static double mean(double[] series, int from, int to) {
    double mean = 0;
    int count = 0;
    for (int i = from; i < to; i++) {
      if (!Double.isNaN(series[i])) {
        mean += (series[i] - mean) / ++count;
      }
    }
    return count == 0 ? Double.NaN : mean;
  }

  /** Batches to drop. Goes from the end, so that each rest is the one before and a batch. */
  private static int bestCut(double[] batches, int count) {
    int leastRest = Math.min(LEAST_REST, count / 2);
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    double mean = 0;
    double squares = 0;
    for (int cut = count - 1; cut >= 0; cut--) {
      int rest = count - cut;
      double apart = batches[cut] - mean;
      mean += apart / rest;
      squares += apart * (batches[cut] - mean);
      double error = squares / ((double) rest * rest);
      if (rest >= leastRest && error <= least) {
        least = error;
        best = cut;
      }
    }
    return best;
  }
}
