package org.kvcache.sim.trace;

import java.math.BigDecimal;

/** Times of files that count in seconds. Microseconds are kept, so that conversions are stable. */
final class Seconds {
  private Seconds() {}

  /** Milliseconds, rounded to whole microseconds. */
  static double toMillis(double seconds) {
    return Math.rint(seconds * 1e6) / 1e3;
  }

  /** Decimal seconds without an exponent, to the microsecond. */
  static BigDecimal ofMillis(double millis) {
    BigDecimal seconds = BigDecimal.valueOf(Math.round(millis * 1e3), 6).stripTrailingZeros();
    return (seconds.scale() < 0) ? seconds.setScale(0) : seconds;
  }
}
