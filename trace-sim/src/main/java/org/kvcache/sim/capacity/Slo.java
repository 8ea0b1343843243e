package org.kvcache.sim.capacity;

import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** A service-level objective: limits that hold together. Immutable. */
public record Slo(List<Objective> objectives) {
  public Slo {
    if (objectives.isEmpty()) {
      throw new IllegalArgumentException("an SLO needs at least one objective");
    }
    objectives = List.copyOf(objectives);
  }

  /**
   * Reads {@code metric.statistic=time}, comma-separated: {@code ttft.p99=2s,itl.p90=50ms}.
   *
   * @throws IllegalArgumentException if it is not that, with one sentence that says how to mend it
   */
  public static Slo parse(String text) {
    return new Slo(SloText.parse(text));
  }

  /**
   * Says whether a run holds the limits, which depends on nothing but the run. One that breaks them
   * is given a second chance: up to {@code spikes} windows are left out, one by one, until the
   * limits hold. Each time it is the window whose loss helps most; of equals the one that is worst
   * by itself, and of these the first. Most windows always count, so a run of one or two is taken
   * whole.
   *
   * @param spikes how many windows may be bad, 0 or more
   */
  public Verdict judge(WindowedLatencies run, int spikes) {
    if (spikes < 0) {
      throw new IllegalArgumentException(spikes + " spikes cannot be left out; 0 leaves out none");
    }
    List<Observation> overall = observe(run.all());
    int most = Math.min(spikes, (run.windows() - 1) / 2);
    var leftOut = new BitSet();
    var verdict = new Verdict(overall, overall, List.of());
    while (!verdict.holds() && leftOut.cardinality() < most) {
      leftOut.set(worst(run, leftOut));
      verdict =
          new Verdict(overall, observeWithout(run, leftOut), leftOut.stream().boxed().toList());
    }
    return verdict;
  }

  private int worst(WindowedLatencies run, BitSet leftOut) {
    var remaining = new BitSet();
    remaining.set(0, run.windows());
    remaining.andNot(leftOut);
    return remaining.stream()
        .boxed()
        .min(
            Comparator.<Integer>comparingDouble(window -> strainWithout(run, leftOut, window))
                .thenComparingDouble(window -> -strainOfOnly(run, window)))
        .orElseThrow();
  }

  private double strainWithout(WindowedLatencies run, BitSet leftOut, int window) {
    BitSet out = (BitSet) leftOut.clone();
    out.set(window);
    return Verdict.strain(observeWithout(run, out));
  }

  private double strainOfOnly(WindowedLatencies run, int window) {
    var others = new BitSet();
    others.set(0, run.windows());
    others.clear(window);
    return Verdict.strain(observeWithout(run, others));
  }

  private List<Observation> observeWithout(WindowedLatencies run, BitSet leftOut) {
    return observe(run.without((BitSet) leftOut.clone()));
  }

  private List<Observation> observe(Latencies latencies) {
    return objectives.stream().map(objective -> objective.observe(latencies)).toList();
  }

  /** As users write it; {@link #parse} gives an equal SLO. */
  @Override
  public String toString() {
    return objectives.stream().map(Objective::toString).collect(Collectors.joining(","));
  }
}
