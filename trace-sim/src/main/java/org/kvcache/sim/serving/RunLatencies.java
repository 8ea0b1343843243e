package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
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
  private final List<LatencyHistogram> gaps = new ArrayList<>();

  /** Without the windows before {@code firstWindow}. */
  public RunLatencies(ServingRun run, int firstWindow) {
    this.run = run;
    this.firstWindow = firstWindow;
    for (int window = firstWindow; window < run.windows().count(); window++) {
      gaps.add(run.gaps().window(window));
    }
  }

  @Override
  public int windows() {
    return gaps.size();
  }

  @Override
  public Latencies without(BitSet windows) {
    Supplier<Percentiles> first = once(() -> times(windows, run.outcomes()::timeToFirstToken));
    Supplier<Percentiles> whole = once(() -> times(windows, run.outcomes()::timeToLastToken));
    Supplier<LatencyHistogram> between = once(() -> gaps(windows));
    return (metric, statistic) ->
        switch (metric) {
          case TTFT -> seconds(first.get(), statistic);
          case E2E -> seconds(whole.get(), statistic);
          case ITL -> seconds(between.get(), statistic);
        };
  }

  private Percentiles times(BitSet without, IntToDoubleFunction seconds) {
    Windows all = run.windows();
    double[] times = new double[all.requests() - all.first(firstWindow)];
    int count = 0;
    for (int window = 0; window < gaps.size(); window++) {
      if (!without.get(window)) {
        int end = all.first(firstWindow + window + 1);
        for (int i = all.first(firstWindow + window); i < end; i++) {
          int request = run.outcomes().byArrival(i);
          times[count++] =
              run.outcomes().refused(request)
                  ? Double.POSITIVE_INFINITY
                  : seconds.applyAsDouble(request);
        }
      }
    }
    return Percentiles.of(Arrays.copyOf(times, count));
  }

  private LatencyHistogram gaps(BitSet without) {
    var sum = new LatencyHistogram();
    for (int window = 0; window < gaps.size(); window++) {
      if (!without.get(window)) {
        sum.add(gaps.get(window));
      }
    }
    return sum;
  }

  /** What is not asked for is not made. */
  private static <T> Supplier<T> once(Supplier<T> maker) {
    return new Supplier<>() {
      private @Nullable T made;

      @Override
      public T get() {
        if (made == null) {
          made = maker.get();
        }
        return made;
      }
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
