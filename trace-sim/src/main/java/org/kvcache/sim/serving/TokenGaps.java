package org.kvcache.sim.serving;

import org.jspecify.annotations.Nullable;
import org.kvcache.sim.metrics.LatencyHistogram;

/**
 * Times between tokens, by window of requests and class of rounds. A block of tokens that leave
 * together counts as that many gaps, each its share of the time since the block before.
 */
final class TokenGaps {
  private final Windows windows;
  private final Rounds rounds;
  private final @Nullable LatencyHistogram[][] histograms;

  TokenGaps(Windows windows, Rounds rounds) {
    this.windows = windows;
    this.rounds = rounds;
    histograms = new LatencyHistogram[windows.count()][Rounds.CLASSES];
  }

  /** Of a request before which {@code position} others arrived. */
  void record(int position, int request, double seconds, int tokens) {
    @Nullable LatencyHistogram[] row = histograms[windows.of(position)];
    int round = rounds.of(request);
    LatencyHistogram histogram = row[round];
    if (histogram == null) {
      histogram = new LatencyHistogram();
      row[round] = histogram;
    }
    histogram.record(seconds, tokens);
  }

  /** All gaps of a window. */
  LatencyHistogram window(int window) {
    var sum = new LatencyHistogram();
    for (int round = 0; round < Rounds.CLASSES; round++) {
      add(window, round, sum);
    }
    return sum;
  }

  /** All gaps of a class of rounds in the windows from {@code first} on. */
  LatencyHistogram round(int round, int first) {
    var sum = new LatencyHistogram();
    for (int window = first; window < histograms.length; window++) {
      add(window, round, sum);
    }
    return sum;
  }

  private void add(int window, int round, LatencyHistogram sum) {
    LatencyHistogram histogram = histograms[window][round];
    if (histogram != null) {
      sum.add(histogram);
    }
  }
}
