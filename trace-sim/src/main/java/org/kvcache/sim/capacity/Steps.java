package org.kvcache.sim.capacity;

import java.util.List;

/**
 * The way from the first guess to a bracket, led by feedback. A step changes the level by the
 * inverse of its strain to the power of a damping: 1 at first, then the inverse of the power of the
 * level that strain was seen to follow, so that steep curves are not overshot. Where strain hardly
 * follows the level, as below the knee of a queue or where all is overload, strain says nothing of
 * the distance, and steps are long.
 */
final class Steps {
  private static final double LONGEST = Math.log(4);
  private static final double LONG = Math.log(3);

  /** The least power of the level that tells from where strain is how far it is to the limit. */
  private static final double TELLING_POWER = 0.5;

  /** Aims beyond the limit: a step across it closes the bracket, one short of it does not. */
  private static final double BEYOND = 1.1;

  private final SearchSpace space;
  private final double shortest;

  /** Steps of at least {@code shortest}, in effort. */
  Steps(SearchSpace space, double shortest) {
    this.space = space;
    this.shortest = shortest;
  }

  /** The effort to try after probes that all held or all failed; at least one. */
  double next(List<Probe> probes) {
    Probe last = probes.getLast();
    double step = Math.min(step(probes), LONGEST);
    return space.effort(last.level()) + (last.holds() ? step : -step);
  }

  private double step(List<Probe> probes) {
    Probe last = probes.getLast();
    double distance = Math.abs(Math.log(last.strain()));
    double power = (probes.size() == 1) ? 1 : power(probes.get(probes.size() - 2), last);
    boolean telling = power >= TELLING_POWER && power < Double.POSITIVE_INFINITY;
    return telling ? distance / power * BEYOND + shortest : Math.max(distance, LONG);
  }

  private double power(Probe before, Probe last) {
    return Math.log(last.strain() / before.strain())
        / (space.effort(last.level()) - space.effort(before.level()));
  }
}
