package org.kvcache.sim.capacity;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Times as users write them, exact in decimal. */
final class TimeUnits {
  private static final Map<String, BigDecimal> SECONDS = new LinkedHashMap<>();

  static {
    // A unit that ends like another one comes before it.
    SECONDS.put("us", new BigDecimal("0.000001"));
    SECONDS.put("ms", new BigDecimal("0.001"));
    SECONDS.put("min", new BigDecimal(60));
    SECONDS.put("s", BigDecimal.ONE);
  }

  private TimeUnits() {}

  /** The seconds that a number with a unit stands for, or empty if it is no such thing. */
  static Optional<BigDecimal> seconds(String text) {
    for (var unit : SECONDS.entrySet()) {
      if (text.endsWith(unit.getKey())) {
        String number = text.substring(0, text.length() - unit.getKey().length());
        return number(number).map(unit.getValue()::multiply);
      }
    }
    return Optional.empty();
  }

  /** A decimal number, or empty. */
  static Optional<BigDecimal> number(String text) {
    try {
      return Optional.of(new BigDecimal(text.strip()));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** A number and the largest unit up to seconds that leaves it at 1 or more. */
  static String text(double seconds) {
    return text(BigDecimal.valueOf(seconds));
  }

  /** The same of a time with four digits kept. */
  static String rounded(double seconds) {
    return text(BigDecimal.valueOf(seconds).round(new MathContext(4)));
  }

  private static String text(BigDecimal seconds) {
    String unit =
        (seconds.compareTo(BigDecimal.ONE) >= 0)
            ? "s"
            : (seconds.compareTo(SECONDS.get("ms")) >= 0) ? "ms" : "us";
    BigDecimal scaled = seconds.divide(SECONDS.get(unit));
    return scaled.stripTrailingZeros().toPlainString() + unit;
  }

  /** The units, for messages. */
  static String known() {
    return String.join(", ", SECONDS.keySet());
  }
}
