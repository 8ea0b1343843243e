package org.kvcache.sim.capacity;

import java.util.List;

/** The latest probes as far back as strain was the same: from one of them to the last. */
record Plateau(Probe from, Probe to) {
  /** Strains within this factor are the same. */
  private static final double SAME = 1.03;

  static Plateau of(List<Probe> probes) {
    Probe to = probes.getLast();
    Probe from = to;
    for (Probe probe : probes.reversed()) {
      if (!same(probe.strain(), to.strain())) {
        break;
      }
      from = probe;
    }
    return new Plateau(from, to);
  }

  /** Whether it stretches over levels that differ by a factor. */
  boolean spans(double factor) {
    return SearchSpace.gap(from.level(), to.level()) + 1 >= factor;
  }

  private static boolean same(double one, double other) {
    return one == other || Math.max(one, other) <= Math.min(one, other) * SAME;
  }
}
