package org.kvcache.sim.capacity;

/**
 * One limit, such as {@code ttft.p99=2s}.
 *
 * @param limitSeconds above 0; an observation equal to it holds
 */
public record Objective(Metric metric, Statistic statistic, double limitSeconds) {
  public Objective {
    if (!(limitSeconds > 0) || Double.isInfinite(limitSeconds)) {
      throw new IllegalArgumentException(
          "%s.%s: a limit of %s seconds is not a number above 0"
              .formatted(metric, statistic, limitSeconds));
    }
  }

  /** What of {@code latencies} this limits. */
  public Observation observe(Latencies latencies) {
    return new Observation(this, latencies.seconds(metric, statistic));
  }

  /** Metric and statistic: {@code ttft.p99}. */
  public String name() {
    return metric + "." + statistic;
  }

  /** As users write it. */
  @Override
  public String toString() {
    return name() + "=" + TimeUnits.text(limitSeconds);
  }
}
