package org.kvcache.sim.trace;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Watches that a trace is sorted by time. */
final class ArrivalOrder {
  private double last = Double.NEGATIVE_INFINITY;

  /** The complaint about {@code time}, in the field's own unit, or null if it is in order. */
  @Nullable String problem(String field, double time) {
    if (time < last) {
      return complaint(field, plain(time), plain(last));
    }
    last = time;
    return null;
  }

  /** The complaint about a time that is earlier than the one before it. */
  static String complaint(String field, String time, String before) {
    return "field '"
        + field
        + "' is "
        + time
        + ", earlier than "
        + before
        + " before it; sort the trace by "
        + field;
  }

  private static String plain(double time) {
    return BigDecimal.valueOf(time).stripTrailingZeros().toPlainString();
  }
}
