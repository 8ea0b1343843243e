package org.kvcache.sim.trace;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Watches that a trace is sorted by time. */
final class ArrivalOrder {
  private double last = Double.NEGATIVE_INFINITY;

  /** The complaint about {@code time}, in the field's own unit, or null if it is in order. */
  @Nullable String problem(String field, double time) {
    if (time < last) {
      return "field '"
          + field
          + "' is "
          + plain(time)
          + ", earlier than "
          + plain(last)
          + " before it; sort the trace by "
          + field;
    }
    last = time;
    return null;
  }

  private static String plain(double time) {
    return BigDecimal.valueOf(time).stripTrailingZeros().toPlainString();
  }
}
