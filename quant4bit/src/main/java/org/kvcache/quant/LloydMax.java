package org.kvcache.quant;

/**
 * Quantisers of least squared error for the standard normal distribution (S. P. Lloyd, "Least
 * squares quantization in PCM", IEEE Trans. IT 28, 1982; J. Max, "Quantizing for minimum
 * distortion", IRE Trans. IT 6, 1960): every level is the mean of its cell, every boundary half way
 * between two levels.
 */
final class LloydMax {

  private LloydMax() {}

  /** The {@code 2^bits} levels, ascending and symmetric. */
  static double[] levels(int bits) {
    int half = 1 << (bits - 1);
    double[] levels = new double[half];
    for (int i = 0; i < half; i++) {
      levels[i] = 3.0 * (i + 0.5) / half;
    }
    double moved;
    do {
      moved = 0;
      for (int i = 0; i < half; i++) {
        double low = i == 0 ? 0 : (levels[i - 1] + levels[i]) / 2;
        double high = i == half - 1 ? 40 : (levels[i] + levels[i + 1]) / 2;
        double mean = (density(low) - density(high)) / probability(low, high);
        moved = Math.max(moved, Math.abs(mean - levels[i]));
        levels[i] = mean;
      }
    } while (moved > 1e-12);
    double[] both = new double[2 * half];
    for (int i = 0; i < half; i++) {
      both[half + i] = levels[i];
      both[half - 1 - i] = -levels[i];
    }
    return both;
  }

  private static double density(double x) {
    return Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
  }

  /** Simpson's rule; cells end at 10, behind which there is nothing left to count. */
  private static double probability(double low, double high) {
    double end = Math.min(high, 10);
    int steps = 2000;
    double width = (end - low) / steps;
    double sum = density(low) + density(end);
    for (int i = 1; i < steps; i++) {
      sum += density(low + i * width) * (i % 2 == 0 ? 2 : 4);
    }
    return sum * width / 3;
  }
}
