package org.kvcache.sim.report.serving;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * One direction of a plot: where values lie and which of them are named.
 *
 * @param title what is shown
 * @param position where a value lies on an even axis; NaN for a value that has no place
 * @param low position of the lower end
 * @param high position of the upper end, above the lower
 * @param ticks named positions
 */
record Scale(
    String title, DoubleUnaryOperator position, double low, double high, List<Tick> ticks) {

  private static final int[] ROUND = {1, 2, 5};
  private static final int MOST_STEPS = 8;
  private static final int MOST_LOG_TICKS = 10;
  private static final double MINUTE = 60;
  private static final double HOUR = 3600;

  /** A name at a position. */
  record Tick(double position, String label) {}

  /**
   * Durations above 0, each decade as wide; ticks at 1, 2 and 5, or at decades if those are many.
   */
  static Scale logarithmic(String title, double[] seconds) {
    double[] present = Arrays.stream(seconds).filter(value -> value > 0).toArray();
    double least = Arrays.stream(present).min().orElse(1);
    double most = Arrays.stream(present).max().orElse(1);
    int first = round(atLeast(least)) > least ? atLeast(least) - 1 : atLeast(least);
    int last = Math.max(first + 1, atLeast(most));
    var ticks = new ArrayList<Tick>();
    for (int i = first; i <= last; i++) {
      if (last - first < MOST_LOG_TICKS || Math.floorMod(i, ROUND.length) == 0) {
        ticks.add(new Tick(Math.log10(round(i)), FigureText.seconds(round(i))));
      }
    }
    return new Scale(
        title,
        value -> value > 0 ? Math.log10(value) : Double.NaN,
        Math.log10(round(first)),
        Math.log10(round(last)),
        ticks);
  }

  /** Shares from nothing to a round share above the largest. */
  static Scale percent(String title, double[] shares) {
    double most = Math.max(1, 100 * Arrays.stream(shares).filter(Double::isFinite).max().orElse(0));
    double step = round(atLeast(most / MOST_STEPS));
    double high = step * Math.ceil(most / step);
    return new Scale(title, share -> 100 * share, 0, high, ticks(high, step, 1, " %"));
  }

  /** Seconds from the begin of a run, named in a unit that suits. */
  static Scale time(String title, double[] seconds) {
    double most = Arrays.stream(seconds).filter(value -> value > 0).max().orElse(1);
    double unit = most > 3 * HOUR ? HOUR : most > 5 * MINUTE ? MINUTE : 1;
    String name = unit == HOUR ? "hours" : unit == MINUTE ? "minutes" : "seconds";
    double step = unit * round(atLeast(most / unit / MOST_STEPS));
    return new Scale(
        title + ", " + name, value -> value, 0, 1.02 * most, ticks(most, step, unit, ""));
  }

  /** Names at equal distances; a name's position is its number from 0. */
  static Scale names(String title, List<String> names) {
    var ticks = new ArrayList<Tick>();
    for (int i = 0; i < names.size(); i++) {
      ticks.add(new Tick(i, names.get(i)));
    }
    return new Scale(title, value -> value, -0.5, names.size() - 0.5, ticks);
  }

  /** The positions of values. */
  double[] positions(double[] values) {
    return Arrays.stream(values).map(position).toArray();
  }

  private static List<Tick> ticks(double high, double step, double unit, String suffix) {
    var ticks = new ArrayList<Tick>();
    for (int i = 0; i * step <= high * (1 + 1e-9); i++) {
      BigDecimal value = BigDecimal.valueOf(i * step / unit).round(new MathContext(6));
      ticks.add(new Tick(i * step, value.stripTrailingZeros().toPlainString() + suffix));
    }
    return ticks;
  }

  /** The {@code i}-th of the numbers ... 0.5, 1, 2, 5, 10 ..., where the 0th is 1. */
  private static double round(int i) {
    int exponent = Math.floorDiv(i, ROUND.length);
    return Double.parseDouble(ROUND[Math.floorMod(i, ROUND.length)] + "e" + exponent);
  }

  /** Number of the least round number that is not below {@code value}. */
  private static int atLeast(double value) {
    int i = ROUND.length * (int) Math.floor(Math.log10(value)) - 1;
    while (round(i) < value) {
      i++;
    }
    return i;
  }
}
