package org.kvcache.sim.cost;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.hipparchus.exception.MathIllegalStateException;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.ArrayRealVector;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LeastSquaresBuilder;
import org.hipparchus.optim.nonlinear.vector.leastsquares.LevenbergMarquardtOptimizer;
import org.hipparchus.util.Pair;

/**
 * Least squares of log(predicted / measured) over some factors, the others held. Levenberg and
 * Marquardt's method follows a smooth function to the nearest valley; where a part of a pass turns
 * from computing to reading the model has a kink, so it starts from several places and the lowest
 * valley counts.
 */
final class EfficiencyFit {
  private static final int MOST_EVALUATIONS = 2000;

  /** Between the tolerances that give all digits asked for and those that rounding never meets. */
  private static final double TOLERANCE = 1e-12;

  private static final double STEP = 1e-6;
  private static final double NEAREST_TO_ONE = 1e-6;
  private static final double[] SHARES = {0.25, 0.8};
  private static final double[] LAYER_SECONDS = {5e-6, 2e-4};

  private final ModelShape model;
  private final Hardware preset;
  private final int gpus;
  private final List<MeasuredPass> passes;

  /** The factors that a fit found, and what it leaves. */
  static final class Found {
    private final double[] values;
    private final double squares;

    private Found(double[] values, double squares) {
      this.values = values;
      this.squares = squares;
    }

    /** Of all factors; not to be written to. */
    double[] values() {
      return values;
    }

    /** The sum of the squares of log(predicted / measured). */
    double squares() {
      return squares;
    }
  }

  EfficiencyFit(ModelShape model, Hardware preset, int gpus, List<MeasuredPass> passes) {
    this.model = model;
    this.preset = preset;
    this.gpus = gpus;
    this.passes = List.copyOf(passes);
  }

  /** Points that are fitted. */
  int points() {
    return passes.size();
  }

  /** The best values of {@code free}; the others are {@code held}'s. */
  Found fit(List<Factor> free, double[] held) {
    return Stream.concat(
            Stream.of(new Found(held, squares(held))),
            starts(free, held).stream().flatMap(start -> descend(free, start)))
        .min(Comparator.comparingDouble(Found::squares))
        .orElseThrow();
  }

  /** The held values, and all corners of a box. */
  private static List<double[]> starts(List<Factor> free, double[] held) {
    var starts = new ArrayList<>(List.of(held));
    for (int corner = 0; corner < 1 << free.size(); corner++) {
      double[] start = held.clone();
      for (int i = 0; i < free.size(); i++) {
        Factor factor = free.get(i);
        start[factor.ordinal()] = (factor.isShare() ? SHARES : LAYER_SECONDS)[corner >> i & 1];
      }
      starts.add(start);
    }
    return starts;
  }

  private Stream<Found> descend(List<Factor> free, double[] start) {
    if (free.isEmpty()) {
      return Stream.of();
    }
    double[] numbers =
        free.stream()
            .mapToDouble(factor -> {
              double value = start[factor.ordinal()];
              return factor.toUnbounded(
                  factor.isShare() ? Math.min(value, 1 - NEAREST_TO_ONE) : value);
            })
            .toArray();
    var problem =
        new LeastSquaresBuilder()
            .start(numbers)
            .target(new double[passes.size()])
            .model(at -> valueAndSlopes(free, values(free, start, at)))
            .maxEvaluations(MOST_EVALUATIONS)
            .maxIterations(MOST_EVALUATIONS)
            .build();
    try {
      RealVector end =
          new LevenbergMarquardtOptimizer()
              .withCostRelativeTolerance(TOLERANCE)
              .withParameterRelativeTolerance(TOLERANCE)
              .withOrthoTolerance(TOLERANCE)
              .optimize(problem)
              .getPoint();
      double[] values = values(free, start, end);
      return Stream.of(new Found(values, squares(values)));
    } catch (MathIllegalStateException e) {
      return Stream.of(); // it went astray from this start; there are others
    }
  }

  private static double[] values(List<Factor> free, double[] held, RealVector numbers) {
    double[] values = held.clone();
    for (int i = 0; i < free.size(); i++) {
      values[free.get(i).ordinal()] = free.get(i).fromUnbounded(numbers.getEntry(i));
    }
    return values;
  }

  private Pair<RealVector, RealMatrix> valueAndSlopes(List<Factor> free, double[] values) {
    RealMatrix slopes = slopes(free, values);
    for (int i = 0; i < free.size(); i++) {
      double inner = free.get(i).slope(values[free.get(i).ordinal()]);
      slopes.setColumnVector(i, slopes.getColumnVector(i).mapMultiply(inner));
    }
    return new Pair<>(new ArrayRealVector(residuals(values), false), slopes);
  }

  /**
   * By how much log(predicted) of each point (rows) grows with the logarithm of each factor
   * (columns): the share of a pass's time that the factor decides, below 0 for efficiencies.
   */
  RealMatrix slopes(List<Factor> free, double[] values) {
    var slopes = new Array2DRowRealMatrix(passes.size(), free.size());
    double width = Math.log1p(STEP) - Math.log1p(-STEP);
    for (int i = 0; i < free.size(); i++) {
      int at = free.get(i).ordinal();
      double[] moved = values.clone();
      moved[at] = values[at] * (1 + STEP);
      double[] above = residuals(moved);
      moved[at] = values[at] * (1 - STEP);
      double[] below = residuals(moved);
      for (int point = 0; point < above.length; point++) {
        slopes.setEntry(point, i, (above[point] - below[point]) / width);
      }
    }
    return slopes;
  }

  private double squares(double[] values) {
    double sum = 0;
    for (double residual : residuals(values)) {
      sum += residual * residual;
    }
    return sum;
  }

  private double[] residuals(double[] values) {
    var pass = new PassModel(model, Factor.applied(preset, values), gpus);
    return passes.stream()
        .mapToDouble(point -> Math.log(point.shape().seconds(pass) / point.seconds()))
        .toArray();
  }
}
