package org.kvcache.sim.capacity;

/** Latencies that were observed, to be asked for their statistics. */
@FunctionalInterface
public interface Latencies {
  /**
   * One statistic, in seconds. What never came to an end is infinite; what no limit can be broken
   * by, such as gaps between tokens where every request asked for one token, is 0.
   */
  double seconds(Metric metric, Statistic statistic);
}
