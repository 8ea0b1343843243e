package org.kvcache.policy;

import java.util.Arrays;

/**
 * The hazard of reuse over all classes together. A class with few observations of its own at some
 * age is taken to be like the others, and so are classes that differ by no more than chance: what
 * is one conversation counts as hundreds of blocks, all of which come back or none.
 */
final class ReusePool {

  // What is believed before anything is seen: a small chance of reuse in each bucket of the
  // logarithmic scale, that is, a hazard falling with age, under which the ranks are those of LRU.
  private static final double PRIOR_OBSERVATIONS = 1;
  private static final double PRIOR_HAZARD = 0.05;
  private static final double MAX_HAZARD = 1 - 1e-6;

  private final double[] reused;
  private final double[] atRisk;
  private final double weight;

  /**
   * An empty pool.
   *
   * @param weight how many observations of a class's own count as much as the pool
   */
  ReusePool(int buckets, double weight) {
    reused = new double[buckets];
    atRisk = new double[buckets];
    this.weight = weight;
  }

  void clear() {
    Arrays.fill(reused, 0);
    Arrays.fill(atRisk, 0);
  }

  void add(int bucket, double classReused, double classAtRisk) {
    reused[bucket] += classReused;
    atRisk[bucket] += classAtRisk;
  }

  /** The hazard in {@code bucket} of a class with these observations. */
  double hazard(int bucket, double classReused, double classAtRisk) {
    double pooled =
        (reused[bucket] + PRIOR_OBSERVATIONS * PRIOR_HAZARD)
            / (atRisk[bucket] + PRIOR_OBSERVATIONS);
    return Math.min(MAX_HAZARD, (classReused + weight * pooled) / (classAtRisk + weight));
  }
}
