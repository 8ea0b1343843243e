package org.kvcache.sim.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.kvcache.sim.cost.Calibration;
import org.kvcache.sim.cost.Factor;
import org.kvcache.sim.cost.FitErrors;
import org.kvcache.sim.cost.FittedFactor;
import org.kvcache.sim.cost.MeasuredPass;
import org.kvcache.sim.cost.Prediction;
import org.kvcache.sim.report.Numbers;
import org.kvcache.sim.report.TextTable;

/** A calibration for people. */
final class CalibrationTable {
  private static final int WORST = 5;
  private static final double MILLIS = 1e3;

  private CalibrationTable() {}

  /** The factors before and after, and a line for each that is not simply fitted. */
  static List<String> factors(Calibration calibration) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("factor", "preset", "now", "std. error"));
    for (FittedFactor factor : calibration.factors()) {
      boolean fitted = factor.verdict() == FittedFactor.Verdict.FITTED;
      rows.add(
          List.of(
              factor.factor().field(),
              value(factor.factor(), factor.before()),
              value(factor.factor(), factor.after()),
              fitted
                  ? value(factor.factor(), factor.standardError())
                  : factor.verdict().name().toLowerCase(Locale.ROOT)));
    }
    List<String> lines = new ArrayList<>(TextTable.lines(rows));
    lines.add("");
    for (FittedFactor factor : calibration.factors()) {
      if (!factor.remark().isEmpty()) {
        String stays = factor.verdict() == FittedFactor.Verdict.KEPT ? "stays at" : "is now";
        lines.add(
            "%s %s %s: %s"
                .formatted(
                    factor.factor().field(),
                    stays,
                    value(factor.factor(), factor.after()),
                    factor.remark()));
      }
    }
    lines.add("Standard errors are approximate: to first order, from what the fit leaves.");
    return lines;
  }

  private static String value(Factor factor, double value) {
    String format = factor == Factor.LAYER ? "%.2f" : "%.4f";
    return String.format(Locale.ROOT, format, factor.inFile(value));
  }

  /** How far predictions are off. */
  static List<String> errors(Calibration calibration) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("error, %", "points", "median", "p90", "max", "preset's median"));
    for (ErrorGroup group : ErrorGroup.of(calibration)) {
      FitErrors errors = group.errors();
      String side = group.heldBack() ? "held back" : "fitted";
      rows.add(
          List.of(
              group.phase().equals(ErrorGroup.ALL) ? side : "  " + group.phase(),
              Numbers.count(errors.points()),
              Numbers.percent(errors.median()),
              Numbers.percent(errors.p90()),
              Numbers.percent(errors.max()),
              Numbers.percent(errors.presetMedian())));
    }
    return TextTable.lines(rows);
  }

  /** The points that the fitted model misses most. */
  static List<String> worst(Calibration calibration) {
    var rows = new ArrayList<List<String>>();
    rows.add(
        List.of(
            "worst",
            "phase",
            "batch",
            "new_tokens",
            "context",
            "ms",
            "predicted ms",
            "error, %",
            ""));
    calibration.points().stream()
        .sorted(
            Comparator.comparingDouble((Prediction point) -> -Math.abs(point.error()))
                .thenComparingLong(point -> point.pass().line()))
        .limit(WORST)
        .map(CalibrationTable::row)
        .forEach(rows::add);
    return TextTable.lines(rows);
  }

  private static List<String> row(Prediction point) {
    MeasuredPass.Shape shape = point.pass().shape();
    return List.of(
        "line " + point.pass().line(),
        ErrorGroup.name(shape.phase()),
        Integer.toString(shape.batch()),
        Integer.toString(shape.newTokens()),
        Integer.toString(shape.context()),
        millis(point.pass().seconds()),
        millis(point.seconds()),
        String.format(Locale.ROOT, "%+.2f", 100 * point.error()),
        point.heldBack() ? "held back" : "");
  }

  private static String millis(double seconds) {
    return String.format(Locale.ROOT, "%.3f", seconds * MILLIS);
  }
}
