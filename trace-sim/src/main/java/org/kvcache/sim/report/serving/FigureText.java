package org.kvcache.sim.report.serving;

import java.util.Locale;
import org.kvcache.ByteSize;
import org.kvcache.sim.metrics.Interval;

/** Figures as people read them: three digits, a unit that suits, ASCII, no locale. */
final class FigureText {
  /** Stands where there is no figure. */
  static final String NONE = "-";

  private static final int DIGITS = 3;
  private static final int MOST_DECIMALS = 6;
  private static final int RATIO_DECIMALS = 3;

  private FigureText() {}

  /** A mean, and half the width of its interval if it has one. */
  static String of(ServingFigure.Unit unit, Interval interval) {
    double mean = interval.mean();
    double half = interval.halfWidth();
    if (Double.isNaN(mean)) {
      return NONE;
    }
    return switch (unit) {
      case SECONDS -> seconds(mean, half);
      case SHARE -> number(100 * mean, 100 * half) + " %";
      case BYTES ->
          ByteSize.format(Math.rint(mean))
              + (Double.isNaN(half) ? "" : " +- " + ByteSize.format(Math.rint(half)));
      default -> number(mean, half);
    };
  }

  /** A time without interval. */
  static String seconds(double value) {
    return seconds(value, Double.NaN);
  }

  /** A ratio with its ends, if it has any. */
  static String ratio(Interval ratio) {
    String mean = ratio(ratio.mean());
    return Double.isNaN(ratio.low())
        ? mean
        : "%s [%s, %s]".formatted(mean, ratio(ratio.low()), ratio(ratio.high()));
  }

  private static String ratio(double value) {
    return fixed(value, Math.min(RATIO_DECIMALS, decimals(value) + 1));
  }

  private static String seconds(double mean, double half) {
    double size = Math.abs(mean);
    double factor = size == 0 || size >= 1 ? 1 : size >= 1e-3 ? 1e3 : 1e6;
    String unit = factor == 1 ? " s" : factor == 1e3 ? " ms" : " us";
    return number(factor * mean, factor * half) + unit;
  }

  private static String number(double mean, double half) {
    int decimals = half > 0 || mean != Math.rint(mean) ? decimals(mean) : 0;
    return fixed(mean, decimals) + (Double.isNaN(half) ? "" : " +- " + fixed(half, decimals));
  }

  private static int decimals(double value) {
    int before = value == 0 ? 1 : (int) Math.floor(Math.log10(Math.abs(value))) + 1;
    return Math.clamp(DIGITS - before, 0, MOST_DECIMALS);
  }

  private static String fixed(double value, int decimals) {
    return String.format(Locale.ROOT, "%,." + decimals + "f", value);
  }
}
