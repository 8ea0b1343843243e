package org.kvcache.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Several measurements of the same thing.
 *
 * @param median the middle one
 * @param least the smallest
 * @param most the largest
 */
record Spread(double median, double least, double most) {

  /** The spread of some numbers, of which there is at least one. */
  static Spread of(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    return new Spread((sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0], sorted[n - 1]);
  }

  /** The spread of the ratios, one from each round. */
  static Spread ofRatios(List<Double> above, List<Double> below) {
    return of(IntStream.range(0, above.size()).mapToObj(i -> above.get(i) / below.get(i)).toList());
  }

  /** Median and range, for example {@code 3.1 (2.9-3.3)}. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%.2f (%.2f-%.2f)", median, least, most);
  }
}
