package org.kvcache.sim.capacity;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Finds the hardest level that holds an SLO in few runs: steps led by strain until one level holds
 * and another fails, then narrowing between the two. Immutable; every search stands alone.
 *
 * <p>No level is tried that is easier than one that held or harder than one that failed. So what
 * was found is never taken back: every level tried up to the answer held, and every one beyond it
 * failed. Where strain does not rise evenly, holding ends at several places; a sweep from the
 * easiest level on stops at the first of them, and this may find another.
 *
 * @param tolerance how far apart the answer and a level that fails may be, as a share of the lower;
 *     without meaning for whole levels
 * @param maxProbes the most levels that are tried
 */
public record CapacitySearch(SearchSpace space, double tolerance, int maxProbes) {
  /** Levels this near, as a share, are as good as one. */
  public static final double DEFAULT_TOLERANCE = 0.02;

  /** The least tolerance. */
  public static final double FINEST = 1e-4;

  /** As many runs as a search may take. */
  public static final int DEFAULT_PROBES = 12;

  /** Narrows to a little less than is asked for, so that rounding does not cost a probe. */
  private static final double ROUNDING = 0.99;

  /** Where strain stays the same over so large a factor of the level, the easiest is tried next. */
  private static final double DOUBTFUL_FACTOR = 16;

  /**
   * Where it stays the same over so large a factor down to the easiest, the level is not at fault.
   */
  private static final double FLAT_FACTOR = 2;

  public CapacitySearch {
    if (!(tolerance >= FINEST && tolerance < 1)) {
      throw new IllegalArgumentException(
          "tolerance %s is not from 0.0001 up to 1; 0.02 stands for 2 %%".formatted(tolerance));
    }
    if (maxProbes < 1) {
      throw new IllegalArgumentException(maxProbes + " probes find nothing; allow at least 1");
    }
  }

  /** A search with the default tolerance and number of probes. */
  public CapacitySearch(SearchSpace space) {
    this(space, DEFAULT_TOLERANCE, DEFAULT_PROBES);
  }

  /**
   * Searches.
   *
   * @param guess the level to begin with; where the space has no such level, the nearest
   * @param trial runs one level and judges the run; the same level must give the same verdict
   * @param progress told of each probe when it is done
   */
  public Finding from(double guess, DoubleFunction<Verdict> trial, Consumer<Probe> progress) {
    if (Double.isNaN(guess)) {
      throw new IllegalArgumentException("the first guess is not a number");
    }
    var steps = new Steps(space, width() / 2);
    var probes = new ArrayList<Probe>();
    Bracket bracket = Bracket.NONE;
    Narrowing narrowing = null;
    double level = space.nearest(guess);
    while (true) {
      var probe = new Probe(level, trial.apply(level));
      probes.add(probe);
      progress.accept(probe);
      bracket = bracket.with(probe);
      Probe holds = bracket.holds();
      Probe fails = bracket.fails();
      Stop stop = stop(holds, fails, probes);
      if (stop != null) {
        return Finding.of(stop, space, bracket, probes);
      }
      if (holds == null || fails == null) {
        level = unbracketed(steps, probes);
      } else {
        if (narrowing == null) {
          narrowing = narrowing(holds, fails);
        }
        level = space.levelBetween(holds.level(), fails.level(), narrowing.next(holds, fails));
      }
    }
  }

  private @Nullable Stop stop(@Nullable Probe holds, @Nullable Probe fails, List<Probe> probes) {
    if (holds != null && fails != null) {
      if (space.adjacent(holds.level(), fails.level(), tolerance)) {
        return Stop.CONVERGED;
      }
    } else if (holds != null && holds.level() == space.hardest()) {
      return Stop.BOUND_REACHED;
    } else if (fails != null && fails.level() == space.easiest()) {
      return Plateau.of(probes).spans(FLAT_FACTOR) ? Stop.FLAT : Stop.IMPOSSIBLE;
    }
    return (probes.size() == maxProbes) ? Stop.PROBES_USED_UP : null;
  }

  private double unbracketed(Steps steps, List<Probe> probes) {
    Probe last = probes.getLast();
    if (!last.holds() && Plateau.of(probes).spans(DOUBTFUL_FACTOR)) {
      return space.easiest();
    }
    return space.levelBeyond(last, steps.next(probes), width());
  }

  private Narrowing narrowing(Probe holds, Probe fails) {
    double first = space.effort(fails.level()) - space.effort(holds.level());
    double wanted =
        space.whole() ? Math.log1p(1 / Math.max(holds.level(), fails.level())) : width();
    return new Narrowing(space, wanted, first);
  }

  private double width() {
    return Math.log1p(tolerance) * ROUNDING;
  }
}
