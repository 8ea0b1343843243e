package org.kvcache.sim.cost;

import static java.util.Comparator.comparingDouble;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.hipparchus.linear.RealMatrix;
import org.hipparchus.linear.RealVector;
import org.hipparchus.linear.SingularValueDecomposition;

/**
 * Fits the factors that the points tell and keeps the others at the preset's values. A factor is
 * given up, the vaguest first, if its standard error is larger than the error that a preset is
 * trusted to have and the preset's value fits the points as well.
 */
final class FactorChoice {
  /** See {@link PipelineModel}. */
  private static final double PRESET_ERROR = 0.3;

  /** Points are not trusted to be better than this, however well they fit. */
  private static final double CLOCK_ERROR = 1e-3;

  /** Three standard errors, squared: the preset's value is then ruled out. */
  private static final double RULED_OUT = 9;

  private static final double NO_SHARE = 0.01;
  private static final double SAME_DIRECTION = 0.98;
  private static final double SMALLEST_SINGULAR = 1e-9;
  private static final double ALMOST_ONE = 0.995;

  private final EfficiencyFit fit;
  private final double[] preset;
  private final Map<Factor, String> kept = new EnumMap<>(Factor.class);
  private final Map<Factor, String> bound = new EnumMap<>(Factor.class);
  private List<Factor> free = List.of(Factor.values());
  private EfficiencyFit.Found found;

  private FactorChoice(EfficiencyFit fit, double[] preset) {
    this.fit = fit;
    this.preset = preset;
    found = fit.fit(free, preset);
  }

  /** All factors, in their order. */
  static List<FittedFactor> choose(EfficiencyFit fit, Hardware preset) {
    var choice = new FactorChoice(fit, Factor.of(preset.gpu()));
    while (choice.giveUpOne()) {
      // each round fits what is left
    }
    return choice.result();
  }

  /** Looks at the vaguest factor that is not settled; false if there is none. */
  private boolean giveUpOne() {
    double[] errors = standardErrors(fit.slopes(free, found.values()));
    int vaguest =
        IntStream.range(0, errors.length)
            .filter(i -> errors[i] > PRESET_ERROR && !bound.containsKey(free.get(i)))
            .boxed()
            .max(comparingDouble(i -> errors[i]))
            .orElse(-1);
    if (vaguest < 0) {
      return false;
    }
    Factor factor = free.get(vaguest);
    var rest = new ArrayList<>(free);
    rest.remove(factor);
    double[] held = found.values().clone();
    held[factor.ordinal()] = preset[factor.ordinal()];
    EfficiencyFit.Found without = fit.fit(rest, held);
    if (without.squares() - found.squares() > RULED_OUT * variance()) {
      bound.put(factor, "the points rule the preset out, but tell the value only roughly");
    } else {
      kept.put(factor, whyVague(fit.slopes(free, without.values()), vaguest));
      free = List.copyOf(rest);
      found = without;
    }
    return true;
  }

  private double variance() {
    double freedom = Math.max(1, fit.points() - free.size());
    return Math.max(found.squares() / freedom, CLOCK_ERROR * CLOCK_ERROR);
  }

  /** Of the logarithms of the free factors. */
  private double[] standardErrors(RealMatrix slopes) {
    double[] errors = new double[free.size()];
    if (errors.length == 0) {
      return errors;
    }
    var parts = new SingularValueDecomposition(slopes);
    double[] singular = parts.getSingularValues();
    for (int i = 0; i < errors.length; i++) {
      double sum = 0;
      for (int j = 0; j < singular.length; j++) {
        double share = parts.getV().getEntry(i, j) / Math.max(singular[j], SMALLEST_SINGULAR);
        sum += share * share;
      }
      errors[i] = Math.sqrt(variance() * sum);
    }
    return errors;
  }

  private String whyVague(RealMatrix slopes, int index) {
    RealVector column = slopes.getColumnVector(index);
    if (column.getLInfNorm() < NO_SHARE) {
      return "it decides less than 1 % of the time of every point";
    }
    for (int i = 0; i < free.size(); i++) {
      RealVector other = slopes.getColumnVector(i);
      if (i != index
          && other.getLInfNorm() >= NO_SHARE
          && Math.abs(column.cosine(other)) > SAME_DIRECTION) {
        return "the points cannot tell it from " + free.get(i).field();
      }
    }
    return "the points tell it worse than the preset does";
  }

  private List<FittedFactor> result() {
    double[] errors = standardErrors(fit.slopes(free, found.values()));
    var factors = new ArrayList<FittedFactor>();
    for (Factor factor : Factor.values()) {
      double after = found.values()[factor.ordinal()];
      int index = free.indexOf(factor);
      if (index >= 0 && factor.isShare() && after > ALMOST_ONE) {
        bound.put(factor, "it can be no more than 1; a figure of the device or model may be wrong");
      }
      String remark = kept.getOrDefault(factor, bound.getOrDefault(factor, ""));
      factors.add(
          new FittedFactor(
              factor,
              preset[factor.ordinal()],
              after,
              index < 0 ? 0 : after * errors[index],
              verdict(factor),
              remark));
    }
    return factors;
  }

  private FittedFactor.Verdict verdict(Factor factor) {
    if (kept.containsKey(factor)) {
      return FittedFactor.Verdict.KEPT;
    }
    return bound.containsKey(factor) ? FittedFactor.Verdict.BOUND : FittedFactor.Verdict.FITTED;
  }
}
