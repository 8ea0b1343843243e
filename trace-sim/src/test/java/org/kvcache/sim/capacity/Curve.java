package org.kvcache.sim.capacity;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;

/** How strain follows load, where 1 is the greatest load that holds. */
interface Curve {
  double strain(double load);

  /** A run at a level; for the goal of the lowest level, load falls as the level rises. */
  default DoubleFunction<Verdict> trial(Goal goal, double answer) {
    return level -> verdict(strain(goal == Goal.HIGHEST ? level / answer : answer / level));
  }

  /** This curve times a factor within {@code share} of 1, always the same for the same load. */
  default Curve noisy(double share, long seed) {
    return load -> {
      var random = new SplittableRandom(seed ^ Double.doubleToLongBits(load));
      return strain(load) * (1 + share * (2 * random.nextDouble() - 1));
    };
  }

  /** Mean wait of a queue with random arrivals; endless from saturation on. */
  static Curve queue(double zeroLoad) {
    return load -> {
      double idle = 1 - load * (1 - zeroLoad);
      return idle <= 0 ? Double.POSITIVE_INFINITY : zeroLoad / idle;
    };
  }

  /** As {@link #queue}, but the run ends, and with it the wait, at about {@code worst} at most. */
  static Curve finiteQueue(double zeroLoad, double worst) {
    Curve endless = load -> softened(1 - load * (1 - zeroLoad), zeroLoad / worst);
    return load -> endless.strain(1) / endless.strain(load);
  }

  private static double softened(double idle, double least) {
    return (idle + Math.sqrt(idle * idle + 4 * least * least)) / 2;
  }

  /** Flat to just before the limit, then a steep line. */
  static Curve hockeyStick(double flat, double slope) {
    double knee = 1 - (1 - flat) / slope;
    return load -> flat + Math.max(0, slope * (load - knee));
  }

  /** One strain up to the limit and another beyond. */
  static Curve step(double below, double above) {
    return load -> load <= 1 ? below : above;
  }

  static Curve power(double exponent) {
    return load -> Math.pow(load, exponent);
  }

  /** Rises with the load to at most {@code most}. */
  static Curve saturating(double most, double exponent) {
    return load -> {
      double risen = Math.pow(load, exponent);
      return most * risen / (risen + most - 1);
    };
  }

  static Verdict verdict(double strain) {
    var objective = new Objective(Metric.TTFT, new Statistic.Percentile(99), 2);
    List<Observation> observed = List.of(new Observation(objective, 2 * strain));
    return new Verdict(observed, observed, List.of());
  }
}
