package org.kvcache.sim.metrics;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.IntCountsHistogram;

/**
 * Counts of latencies, for more of them than an array should hold. Times are kept in nanoseconds to
 * three significant digits: what is read is within 0.1 %, or half a nanosecond, of what was
 * recorded. Takes memory up to the longest time that occurs, about 0.1 MB for a second, and none
 * for one that is no longer. One time may occur up to 2^31 - 1 times. Not safe for use by several
 * threads at once.
 */
public final class LatencyHistogram {
  private static final double NANOSECONDS = TimeUnit.SECONDS.toNanos(1);
  private static final double MOST_SECONDS = 1e9;
  private static final int DIGITS = 3;

  private final AbstractHistogram nanoseconds = new IntCountsHistogram(DIGITS);

  /** An empty histogram. */
  public LatencyHistogram() {}

  /**
   * Counts one latency some times over.
   *
   * @param seconds from 0 to 1e9
   * @param count 0 or more
   * @throws IllegalArgumentException if one of them is out of its range
   */
  public void record(double seconds, long count) {
    if (!(seconds >= 0 && seconds <= MOST_SECONDS)) {
      throw new IllegalArgumentException("latency of " + seconds + " s; give 0 to 1e9");
    }
    if (count < 0) {
      throw new IllegalArgumentException("latency counted " + count + " times; give 0 or more");
    }
    if (count > 0) {
      nanoseconds.recordValueWithCount(Math.round(seconds * NANOSECONDS), count);
    }
  }

  /** Counts all that the other has counted. */
  public void add(LatencyHistogram other) {
    nanoseconds.add(other.nanoseconds);
  }

  /**
   * Nearest-rank percentile in seconds.
   *
   * @param percent from 0, the shortest latency, to 100
   * @return NaN if nothing is counted
   */
  public double seconds(double percent) {
    if (!(percent >= 0 && percent <= 100)) {
      throw new IllegalArgumentException(percent + " %; give 0 to 100");
    }
    return orNaN((double) nanoseconds.getValueAtPercentile(percent));
  }

  /** Mean in seconds, NaN if nothing is counted. */
  public double mean() {
    return orNaN(nanoseconds.getMean());
  }

  /** The longest latency in seconds, NaN if nothing is counted. */
  public double max() {
    return orNaN((double) nanoseconds.getMaxValue());
  }

  /** Latencies counted. */
  public long count() {
    return nanoseconds.getTotalCount();
  }

  private double orNaN(double read) {
    return count() == 0 ? Double.NaN : read / NANOSECONDS;
  }
}
