package org.kvcache.policy;

import java.util.Arrays;

/**
 * When blocks of one class are used again, learned online, and what keeping one is worth.
 *
 * <p>An observation starts when a block is released and ends when it is referred to again
 * (<i>reused</i>) or forgotten (<i>censored</i>); the ones still running count with the age they
 * have reached. From these the curve estimates the hazard of reuse at each age as Kaplan and Meier
 * do, so that blocks that have not come back yet are neither taken for dead nor left out.
 *
 * <p>The rank of a block of age a is its Gittins index: the best ratio, over all ages x it could be
 * kept until, of the chance that it is reused between a and x to the time it is then kept on
 * average. Hits per block and time are exactly what a slot should earn, so the block of the lowest
 * rank goes.
 */
final class ReuseCurve {

  private static final int EPOCHS = 128;

  // Half of what was learned is forgotten after about 140 refreshes, seven cache fillings.
  private static final double MEMORY = 0.995;

  private final AgeScale scale;
  private final int epochTicks;
  private final int epochShift;
  private final double[] reused;
  private final double[] censored;
  private final int[] running = new int[EPOCHS];
  private int runningLonger;
  private final double[] ranks;
  private final int firstRank;

  // Scratch of refresh(), here so that it does not allocate.
  private final double[] atRisk;
  private final double[] reward;
  private final double[] cost;
  private final double[] reached;
  private final int[] hull;

  /**
   * A curve that knows nothing.
   *
   * @param epochTicks the clock ticks between two calls of {@link #count}, a power of two
   * @param ranks where {@link #learn} puts the worth of keeping a block, by age bucket: reuses per
   *     block and tick
   * @param firstRank the index of the first bucket's
   */
  ReuseCurve(AgeScale scale, int epochTicks, double[] ranks, int firstRank) {
    this.scale = scale;
    this.epochTicks = epochTicks;
    epochShift = Integer.numberOfTrailingZeros(epochTicks);
    int n = scale.buckets();
    reused = new double[n];
    censored = new double[n];
    this.ranks = ranks;
    this.firstRank = firstRank;
    atRisk = new double[n];
    reward = new double[n + 1];
    cost = new double[n + 1];
    reached = new double[n];
    hull = new int[n + 1];
  }

  /** An observation starts at {@code now}. */
  void start(long now) {
    running[epochSlot(now >> epochShift)]++;
  }

  /** The observation that started at {@code start} ends with a reuse. */
  void reuse(long start, long now) {
    reused[scale.bucket(now - start)]++;
    stop(start, now);
  }

  /** The observation that started at {@code start} ends without one. */
  void censor(long start, long now) {
    censored[scale.bucket(now - start)]++;
    stop(start, now);
  }

  private void stop(long start, long now) {
    long epoch = start >> epochShift;
    if (epoch > (now >> epochShift) - EPOCHS) {
      running[epochSlot(epoch)]--;
    } else {
      runningLonger--;
    }
  }

  private static int epochSlot(long epoch) {
    return (int) epoch & (EPOCHS - 1);
  }

  /** The oldest age that curves of this epoch tell from older ones. */
  static long oldest(int epochTicks) {
    return (long) EPOCHS * epochTicks;
  }

  /** Observations that ended with a reuse, as far as they are remembered. */
  double reuses() {
    return Arrays.stream(reused).sum();
  }

  /** Begins the epoch of {@code now} and adds what is known to {@code pool}. */
  void count(long now, ReusePool pool) {
    int slot = epochSlot(now >> epochShift);
    runningLonger += running[slot];
    running[slot] = 0;
    countRunning(now);
    double older = 0;
    for (int b = atRisk.length - 1; b >= 0; b--) {
      // Those that ended without a reuse in this bucket were at risk for half of it.
      atRisk[b] = older + reused[b] + reached[b] / 2;
      older += reused[b] + reached[b];
      pool.add(b, reused[b], atRisk[b]);
    }
  }

  /** Learns the ranks from what was last counted, leaning on {@code pool} where that is little. */
  void learn(ReusePool pool) {
    survive(pool);
    gittins();
    for (int b = 0; b < atRisk.length; b++) {
      reused[b] *= MEMORY;
      censored[b] *= MEMORY;
    }
  }

  /** Sets {@code reached} to the observations without a reuse by the bucket of their age. */
  private void countRunning(long now) {
    System.arraycopy(censored, 0, reached, 0, reached.length);
    long epoch = now >> epochShift;
    for (int back = 1; back < EPOCHS && back <= epoch; back++) {
      int count = running[epochSlot(epoch - back)];
      if (count != 0) {
        long middle = (epoch - back) * epochTicks + epochTicks / 2;
        reached[scale.bucket(now - middle)] += count;
      }
    }
    reached[scale.bucket(oldest(epochTicks))] += runningLonger;
  }

  /** Kaplan-Meier: cumulative chance of reuse and expected time kept up to each age. */
  private void survive(ReusePool pool) {
    int n = atRisk.length;
    double surviving = 1;
    double rewardSoFar = 0;
    double costSoFar = 0;
    for (int b = 0; b < n; b++) {
      double hazard = pool.hazard(b, reused[b], atRisk[b]);
      reward[b] = rewardSoFar;
      cost[b] = costSoFar;
      rewardSoFar += surviving * hazard;
      costSoFar += surviving * AgeScale.width(b) * (1 - hazard / 2);
      surviving *= 1 - hazard;
    }
    reward[n] = rewardSoFar;
    cost[n] = costSoFar;
  }

  /**
   * The best slope from each point of the reward-over-cost curve to a later one: the points seen so
   * far from the old end form a concave hull, and the tangent from the next point ends on it.
   */
  private void gittins() {
    int n = atRisk.length;
    int top = 0;
    hull[0] = n;
    for (int b = n - 1; b >= 0; b--) {
      while (top > 0 && slope(b, hull[top]) <= slope(hull[top], hull[top - 1])) {
        top--;
      }
      ranks[firstRank + b] = slope(b, hull[top]);
      hull[++top] = b;
    }
  }

  private double slope(int from, int to) {
    double run = cost[to] - cost[from];
    return run > Double.MIN_NORMAL ? (reward[to] - reward[from]) / run : 0;
  }
}
