package org.kvcache.sim.capacity;

/**
 * The way from a bracket to a narrow one: interpolation of strain over effort, held so near the
 * middle of the bracket that it takes at most {@link #SLACK} probes more than bisection. This is
 * the ITP method (Oliveira and Takahashi, ACM TOMS 47(1), 2020) with two changes. Probes keep about
 * half the wanted width from the line's zero, so that two of them settle it where the line is
 * right. And strain is folded to -1 to 1, smoothly at the limit, where it is like its logarithm: an
 * endless queue then does not bend the line.
 */
final class Narrowing {
  private static final int SLACK = 1;

  /** Shares of the wanted width, just less than the half and the whole. */
  private static final double HALF = 0.45;

  private static final double WHOLE = 0.95;

  private final SearchSpace space;
  private final double wanted;

  /** As wide as the bracket may be if bisection is still to end in time. */
  private double widest;

  /** Narrows a first bracket to the {@code wanted} width, both in effort. */
  Narrowing(SearchSpace space, double wanted, double first) {
    this.space = space;
    this.wanted = wanted;
    this.widest = wanted;
    while (widest < first) {
      widest *= 2;
    }
    widest *= 1 << SLACK;
  }

  /** The effort to try next between two probes. */
  double next(Probe holds, Probe fails) {
    double low = space.effort(holds.level());
    double high = space.effort(fails.level());
    double middle = low + (high - low) / 2;
    widest /= 2;
    double reach = Math.max(0, widest - (high - low) / 2);
    return Math.clamp(aside(zero(holds, fails), low, high, middle), middle - reach, middle + reach);
  }

  private double aside(double zero, double low, double high, double middle) {
    if (zero - low < wanted / 2) {
      return low + wanted * WHOLE;
    }
    if (high - zero < wanted / 2) {
      return high - wanted * WHOLE;
    }
    double away = middle - zero;
    return zero + Math.copySign(Math.min(wanted * HALF, Math.abs(away)), away);
  }

  /** Where the line through both probes meets the limit. */
  private double zero(Probe holds, Probe fails) {
    double low = space.effort(holds.level());
    double high = space.effort(fails.level());
    double below = folded(holds.strain());
    double above = folded(fails.strain());
    return low + (high - low) * (below / (below - above));
  }

  private static double folded(double strain) {
    return (strain <= 1) ? strain - 1 : 1 - 1 / strain;
  }
}
