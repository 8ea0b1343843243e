package org.kvcache.sim.trace;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Seeded random draws. Logarithms and exponentials are those of {@link StrictMath}, so that a seed
 * gives the same trace on every machine.
 */
final class Draws {
  private final RandomGenerator random;

  Draws(long seed) {
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** An independent stream, determined by this one. */
  Draws fork() {
    return new Draws(random.nextLong());
  }

  /** A whole number from 0 to {@code bound - 1}. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  /** A whole number between two bounds, both included. */
  int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  /** A number from 0 up to, but not including, 1. */
  double uniform() {
    return random.nextDouble();
  }

  /** True with probability {@code p}. */
  boolean chance(double p) {
    return random.nextDouble() < p;
  }

  /** Time to the next event of a Poisson process. */
  double exponential(double mean) {
    return -mean * StrictMath.log1p(-random.nextDouble());
  }

  /** Log-normal with a given median; {@code sigma} is the deviation of the logarithm. */
  double logNormal(double median, double sigma) {
    return median * StrictMath.exp(sigma * random.nextGaussian());
  }

  /** A number of tokens, at least 1, log-normal around a mean and cut at 64 times the mean. */
  int tokens(double mean, double sigma) {
    double drawn = logNormal(mean * StrictMath.exp(-sigma * sigma / 2), sigma);
    return (int) Math.max(1, Math.min(Math.rint(drawn), Math.min(64 * mean, 1 << 28)));
  }

  /** A number of trials up to the first success, at least 1, with a given mean. */
  int geometric(double mean) {
    double trials = StrictMath.log1p(-random.nextDouble()) / StrictMath.log1p(-1 / mean);
    return (mean <= 1) ? 1 : 1 + (int) Math.min(trials, 1 << 20);
  }
}
