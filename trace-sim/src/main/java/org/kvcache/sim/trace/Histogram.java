package org.kvcache.sim.trace;

import java.util.ArrayList;
import java.util.List;

/**
 * Counts in buckets of doubling width: bucket 0 holds the value 0, bucket {@code i} the values from
 * 2^(i-1) to 2^i - 1. Trailing empty buckets are left out.
 *
 * @param unit what a value counts, for headings
 * @param counts number of values per bucket
 */
public record Histogram(String unit, List<Long> counts) {
  /** Copies the counts. */
  public Histogram {
    counts = List.copyOf(counts);
  }

  /** Smallest value of a bucket. */
  public static long lowest(int bucket) {
    return (bucket == 0) ? 0 : 1L << (bucket - 1);
  }

  /** Largest value of a bucket. */
  public static long highest(int bucket) {
    return lowest(bucket + 1) - 1;
  }

  /** Number of values. */
  public long total() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Largest value of the bucket in which the given share of the values is reached.
   *
   * @param share from 0 to 1
   * @return 0 if the histogram is empty
   */
  public long quantile(double share) {
    double wanted = share * total();
    long sum = 0;
    for (int bucket = 0; bucket < counts.size(); bucket++) {
      sum += counts.get(bucket);
      if (sum > 0 && sum >= wanted) {
        return highest(bucket);
      }
    }
    return 0;
  }

  /** Collects values of 0 or more. */
  static final class Counter {
    private final long[] counts = new long[Long.SIZE];

    void add(long value) {
      counts[Long.SIZE - Long.numberOfLeadingZeros(value)]++;
    }

    Histogram histogram(String unit) {
      var used = new ArrayList<Long>();
      for (long count : counts) {
        used.add(count);
      }
      while (!used.isEmpty() && used.getLast() == 0) {
        used.removeLast();
      }
      return new Histogram(unit, used);
    }
  }
}
