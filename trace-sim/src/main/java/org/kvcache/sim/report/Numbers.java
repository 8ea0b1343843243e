package org.kvcache.sim.report;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as all reports write them: no locale, units after a space. */
public final class Numbers {
  private static final int SHARE_DIGITS = 2;

  private Numbers() {}

  /** A count with separators of thousands. */
  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** A rate within 0 and 1 in per cent, without its sign. */
  public static String percent(double rate) {
    return String.format(Locale.ROOT, "%.2f", 100 * rate);
  }

  /** A share within 0 and 1 in per cent with two digits, or three from ten on. */
  public static String share(double share) {
    var digits = new MathContext(share < 0.1 ? SHARE_DIGITS : SHARE_DIGITS + 1);
    BigDecimal percent = BigDecimal.valueOf(100 * share).round(digits).stripTrailingZeros();
    return (percent.signum() == 0 ? "0" : percent.toPlainString()) + " %";
  }
}
