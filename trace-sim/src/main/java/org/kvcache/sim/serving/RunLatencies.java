package org.kvcache.sim.serving;

import java.util.Arrays;
import java.util.BitSet;
import org.kvcache.sim.capacity.Latencies;
import org.kvcache.sim.capacity.Statistic;
import org.kvcache.sim.capacity.WindowedLatencies;
import org.kvcache.sim.metrics.LatencyHistogram;
import org.kvcache.sim.metrics.Percentiles;

/**
 * The latencies of a run from one window on, for an SLO. A request that was refused never ended, so
 * its times are infinite.
 */
public final class RunLatencies implements WindowedLatencies {
  private final ServingRun run;
  private final int firstWindow;

  /** Without the windows before {@code firstWindow}. */
  public RunLatencies(ServingRun run, int firstWindow) {
    this.run = run;
    this.firstWindow = firstWindow;
  }

  @Override
  public int windows() {
    return run.windows().count() - firstWindow;
  }

  @Override
  public Latencies without(BitSet windows) {
    Windows all = run.windows();
    int most = all.requests() - all.first(firstWindow);
    double[] first = new double[most];
    double[] whole = new double[most];
    var gaps = new LatencyHistogram();
    int count = 0;
    Outcomes outcomes = run.outcomes();
    for (int window = firstWindow; window < all.count(); window++) {
      if (windows.get(window - firstWindow)) {
        continue;
      }
      gaps.add(run.gaps().window(window));
      for (int i = all.first(window); i < all.first(window + 1); i++) {
        boolean refused = outcomes.refused(i);
        first[count] = refused ? Double.POSITIVE_INFINITY : outcomes.timeToFirstToken(i);
        whole[count++] =
            refused ? Double.POSITIVE_INFINITY : outcomes.finish(i) - outcomes.arrival(i);
      }
    }
    Percentiles firsts = Percentiles.of(Arrays.copyOf(first, count));
    Percentiles wholes = Percentiles.of(Arrays.copyOf(whole, count));
    return (metric, statistic) ->
        switch (metric) {
          case TTFT -> seconds(firsts, statistic);
          case E2E -> seconds(wholes, statistic);
          case ITL -> seconds(gaps, statistic);
        };
  }

  private static double seconds(Percentiles values, Statistic statistic) {
    return switch (statistic) {
      case Statistic.Percentile percentile -> values.at(percentile.percent());
      case Statistic.Plain.MEAN -> values.mean();
      case Statistic.Plain.MAX -> values.max();
    };
  }

  private static double seconds(LatencyHistogram values, Statistic statistic) {
    if (values.count() == 0) {
      return 0;
    }
    return switch (statistic) {
      case Statistic.Percentile percentile -> values.seconds(percentile.percent());
      case Statistic.Plain.MEAN -> values.mean();
      case Statistic.Plain.MAX -> values.max();
    };
  }
}
