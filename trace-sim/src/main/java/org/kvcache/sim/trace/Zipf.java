package org.kvcache.sim.trace;

import java.util.Arrays;

/** Draws ranks from 0 to n-1 with probability proportional to (rank + 1)^-alpha. */
final class Zipf {
  private final double[] cumulative;

  Zipf(int n, double alpha) {
    cumulative = new double[n];
    double sum = 0;
    for (int rank = 0; rank < n; rank++) {
      sum += StrictMath.pow(rank + 1.0, -alpha);
      cumulative[rank] = sum;
    }
  }

  int draw(Draws draws) {
    int last = cumulative.length - 1;
    int at = Arrays.binarySearch(cumulative, draws.uniform() * cumulative[last]);
    return Math.min(last, at < 0 ? -at - 1 : at + 1);
  }
}
