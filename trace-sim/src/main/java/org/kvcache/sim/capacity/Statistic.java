package org.kvcache.sim.capacity;

import java.math.BigDecimal;
import java.util.Locale;

/** What of many latencies a limit is set on. */
public sealed interface Statistic {

  /** A statistic without a parameter. */
  enum Plain implements Statistic {
    MEAN,
    MAX;

    /** The name as users write it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The latency that {@code percent} of all stay at or below.
   *
   * @param percent above 0 and below 100
   */
  record Percentile(double percent) implements Statistic {
    public Percentile {
      if (!(percent > 0 && percent < 100)) {
        throw new IllegalArgumentException(
            "percentile " + percent + " is not above 0 and below 100; for 100 use max");
      }
    }

    /** As users write it: {@code p99.9}. */
    @Override
    public String toString() {
      return "p" + BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString();
    }
  }
}
