package org.kvcache.bench.quality;

import java.util.Arrays;
import java.util.List;

/**
 * How far a scheme is from exact attention.
 *
 * @param outputError median over queries of |o - exact| / |exact|, o the output of attention
 * @param logitError root mean square of the errors of logits, over queries and tokens, less each
 *     query's mean error, which softmax does not see
 * @param keyError Σ|k - exact|² / Σ|exact|² over the tokens stored, k as read back into the basis
 *     of the model
 * @param valueError the same of V
 * @param keyCosine mean over the tokens stored of the cosine of k and exact
 */
record Quality(
    double outputError, double logitError, double keyError, double valueError, double keyCosine) {

  /** The median of each number on its own. */
  static Quality median(List<Quality> all) {
    double[] medians =
        Arrays.stream(Measure.values())
            .mapToDouble(measure -> median(all.stream().mapToDouble(measure::of).toArray()))
            .toArray();
    return new Quality(medians[0], medians[1], medians[2], medians[3], medians[4]);
  }

  /** The middle one, or the mean of the two in the middle. */
  static double median(double[] numbers) {
    double[] sorted = numbers.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
