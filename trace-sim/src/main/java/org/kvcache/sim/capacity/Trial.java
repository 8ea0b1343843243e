package org.kvcache.sim.capacity;

/** Runs one level; the same level must give the same verdict. */
@FunctionalInterface
public interface Trial {
  /** Runs the level and judges the run. */
  Verdict at(double level);
}
