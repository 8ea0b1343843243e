package org.kvcache.sim.capacity;

/** What was observed where an objective sets a limit. */
public record Observation(Objective objective, double seconds) {
  /** Observed over limit: at most 1 where the limit holds, infinite where nothing was observed. */
  public double strain() {
    return Double.isNaN(seconds) ? Double.POSITIVE_INFINITY : seconds / objective.limitSeconds();
  }

  /** For sentences: {@code ttft.p99 is 2.31s, its limit 2s}. */
  @Override
  public String toString() {
    String observed = Double.isFinite(seconds) ? TimeUnits.rounded(seconds) : "endless";
    return "%s is %s, its limit %s"
        .formatted(objective.name(), observed, TimeUnits.text(objective.limitSeconds()));
  }
}
