package org.kvcache.sim.metrics;

import java.util.Arrays;

/**
 * Exact percentiles of values by nearest rank: each is one of the values. Immutable; safe for use
 * by many threads.
 */
public final class Percentiles {
  private final double[] sorted;
  private final double mean;

  private Percentiles(double[] sorted) {
    this.sorted = sorted;
    mean = Arrays.stream(sorted).average().orElse(Double.NaN);
  }

  /**
   * Sorts a copy of the values.
   *
   * @throws IllegalArgumentException if one is NaN
   */
  public static Percentiles of(double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        throw new IllegalArgumentException("value " + i + " is NaN; leave out what has no value");
      }
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return new Percentiles(sorted);
  }

  /**
   * The smallest value such that at least {@code percent} % of the values are not above it.
   *
   * @param percent from 0, the smallest value, to 100
   * @return NaN if there is no value
   */
  public double at(double percent) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalArgumentException(percent + " %; give 0 to 100");
    }
    if (sorted.length == 0) {
      return Double.NaN;
    }
    // A percent as written, 99.9, may lie above itself as a double and must not cost a rank.
    double rank = Math.ceil(Math.nextDown(percent) * sorted.length / 100);
    return sorted[Math.max(0, (int) rank - 1)];
  }

  /** Mean of the values, NaN if there is none. */
  public double mean() {
    return mean;
  }

  /** The largest value, NaN if there is none. */
  public double max() {
    return at(100);
  }

  /** Number of values. */
  public int count() {
    return sorted.length;
  }
}
