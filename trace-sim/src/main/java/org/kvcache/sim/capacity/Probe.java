package org.kvcache.sim.capacity;

/** A level that was tried, and what came of it. */
public record Probe(double level, Verdict verdict) {
  /** Whether the level holds the SLO. */
  public boolean holds() {
    return verdict.holds();
  }

  /** How near the level is to breaking the SLO, or by how much it breaks it. */
  public double strain() {
    return verdict.strain();
  }
}
