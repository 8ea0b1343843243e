package org.kvcache.sim.capacity;

/**
 * The levels that may be tried. Searching goes by <em>effort</em>, the logarithm of the level with
 * the sign that makes more of it strain more, whatever the goal.
 *
 * @param low the lowest level, above 0
 * @param high the highest level, at least {@code low}
 * @param whole whether only whole numbers are levels; the search is then exact
 */
public record SearchSpace(Goal goal, double low, double high, boolean whole) {
  public SearchSpace {
    if (!(low > 0 && low <= high && high < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "levels from %s to %s cannot be searched; the lowest must be above 0, the highest no less"
              .formatted(low, high));
    }
    if (whole && (low != Math.rint(low) || high != Math.rint(high))) {
      throw new IllegalArgumentException(
          "levels from %s to %s cannot be searched; both ends must be whole numbers"
              .formatted(low, high));
    }
  }

  /** The level that strains least. */
  double easiest() {
    return (goal == Goal.HIGHEST) ? low : high;
  }

  /** The level that strains most. */
  double hardest() {
    return (goal == Goal.HIGHEST) ? high : low;
  }

  double effort(double level) {
    return sign() * Math.log(level);
  }

  /** The level nearest to a number. */
  double nearest(double number) {
    return Math.clamp(whole ? Math.rint(number) : number, low, high);
  }

  /**
   * The level of an effort that is beyond another level, or the end of the space if that is next.
   * Whole levels change by at least 1.
   */
  double levelBeyond(Probe last, double effort, double width) {
    double end = last.holds() ? hardest() : easiest();
    double level = nearest(Math.exp(sign() * effort));
    if (whole && level == last.level()) {
      level += Math.signum(end - level);
    }
    return Math.abs(effort(end) - effort(level)) < width ? end : level;
  }

  /** The level of an effort, kept strictly between two levels that are not {@link #adjacent}. */
  double levelBetween(double one, double other, double effort) {
    double level = nearest(Math.exp(sign() * effort));
    double min = Math.min(one, other);
    double max = Math.max(one, other);
    if (whole) {
      return Math.clamp(level, min + 1, max - 1);
    }
    return (level > min && level < max) ? level : Math.sqrt(min * max);
  }

  /** Whether two levels are as near to each other as whole numbers or a tolerance let them be. */
  boolean adjacent(double one, double other, double tolerance) {
    return whole ? Math.abs(one - other) <= 1 : gap(one, other) <= tolerance;
  }

  /** How far apart two levels are, as a share of the lower. */
  static double gap(double one, double other) {
    return Math.max(one, other) / Math.min(one, other) - 1;
  }

  private int sign() {
    return (goal == Goal.HIGHEST) ? 1 : -1;
  }
}
