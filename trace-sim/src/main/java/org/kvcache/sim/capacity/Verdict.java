package org.kvcache.sim.capacity;

import java.util.Comparator;
import java.util.List;

/**
 * What an SLO says of a run.
 *
 * @param overall what was observed over all requests, one for each objective
 * @param judged the same over the requests that count: all but those of the windows left out
 * @param leftOut the windows left out as spikes, numbered from 0, in rising order
 */
public record Verdict(List<Observation> overall, List<Observation> judged, List<Integer> leftOut) {
  public Verdict {
    overall = List.copyOf(overall);
    judged = List.copyOf(judged);
    leftOut = List.copyOf(leftOut);
    if (judged.isEmpty()) {
      throw new IllegalArgumentException("a verdict needs at least one observation");
    }
  }

  /** The greatest share of its limit that an objective takes, over the requests that count. */
  public double strain() {
    return strain(judged);
  }

  /** Whether all limits hold. */
  public boolean holds() {
    return strain() <= 1;
  }

  /** Whether all limits hold only because windows were left out. */
  public boolean forgiven() {
    return holds() && !leftOut.isEmpty();
  }

  /** The judged observation of greatest strain; of equals, the first. */
  public Observation worst() {
    return worst(judged);
  }

  static double strain(List<Observation> observations) {
    return worst(observations).strain();
  }

  private static Observation worst(List<Observation> observations) {
    // Of equals, max gives the last and min the first.
    return observations.stream()
        .min(Comparator.comparingDouble(Observation::strain).reversed())
        .orElseThrow();
  }
}
