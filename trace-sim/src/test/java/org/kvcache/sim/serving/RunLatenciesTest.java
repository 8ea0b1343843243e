package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.capacity.Latencies;
import org.kvcache.sim.capacity.Metric;
import org.kvcache.sim.capacity.Statistic;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.metrics.LatencyHistogram;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceSource;

final class RunLatenciesTest {
  private static final ServingRun RUN = run(20e9);

  private static ServingRun run(double cacheBytes) {
    try (var reader = TraceSource.open("docqa:requests=97", 0)) {
      var trace = Trace.load(reader, TraceOptions.ALL);
      var config =
          ServingConfig.of(
                  Presets.models(null).named(List.of("llama3-8b")).getFirst(),
                  Presets.devices(null).named(List.of("h200")).getFirst(),
                  "lru")
              .withCacheBytes(cacheBytes);
      return new ServingSimulator(trace).run(config, new Load.Recorded(3), 0);
    }
  }

  private static BitSet windows(int... windows) {
    var set = new BitSet();
    Arrays.stream(windows).forEach(set::set);
    return set;
  }

  private static double[] counted(int firstWindow, BitSet without, IntToDoubleFunction seconds) {
    return IntStream.range(0, RUN.outcomes().requests())
        .filter(request -> RUN.windows().of(request) >= firstWindow)
        .filter(request -> !without.get(RUN.windows().of(request) - firstWindow))
        .mapToDouble(seconds)
        .sorted()
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 39", "5, 0", "5, 34", "39, 1"})
  void agreesWithSortedTimes(int firstWindow, int leftOut) {
    BitSet without = windows(leftOut);
    Latencies seen = new RunLatencies(RUN, firstWindow).without(without);
    for (Metric metric : List.of(Metric.TTFT, Metric.E2E)) {
      double[] times =
          counted(
              firstWindow,
              without,
              metric == Metric.TTFT
                  ? RUN.outcomes()::timeToFirstToken
                  : RUN.outcomes()::timeToLastToken);
      for (double percent : new double[] {1, 50, 90, 99.9}) {
        int rank = Math.max(1, (int) Math.ceil(percent / 100 * times.length));
        assertThat(seen.seconds(metric, new Statistic.Percentile(percent)))
            .isEqualTo(times[rank - 1]);
      }
      assertThat(seen.seconds(metric, Statistic.Plain.MAX)).isEqualTo(times[times.length - 1]);
      assertThat(seen.seconds(metric, Statistic.Plain.MEAN))
          .isCloseTo(Arrays.stream(times).average().orElseThrow(), within(1e-9));
    }
  }

  @Test
  void gapsAreThoseOfTheWindowsThatCount() {
    var sum = new LatencyHistogram();
    for (int window = 5; window < RUN.windows().count(); window++) {
      if (window != 7 && window != 12) {
        sum.add(RUN.gaps().window(window));
      }
    }
    Latencies seen = new RunLatencies(RUN, 5).without(windows(2, 7));
    assertThat(seen.seconds(Metric.ITL, new Statistic.Percentile(90))).isEqualTo(sum.seconds(90));
    assertThat(seen.seconds(Metric.ITL, Statistic.Plain.MEAN)).isEqualTo(sum.mean());
    assertThat(seen.seconds(Metric.ITL, Statistic.Plain.MAX)).isEqualTo(sum.max());
  }

  @Test
  void windowsBeforeTheFirstAreNone() {
    assertThat(new RunLatencies(RUN, 0).windows()).isEqualTo(40);
    assertThat(new RunLatencies(RUN, 39).windows()).isEqualTo(1);
  }

  @Test
  void refusedRequestsAreEndless() {
    ServingRun cramped = run(2.6e9);
    int refused = cramped.totals().refused();
    int requests = cramped.outcomes().requests();
    assertThat(refused).isBetween(1, requests - 2);
    Latencies seen = new RunLatencies(cramped, 0).all();
    double served = 100.0 * (requests - refused) / requests;
    for (Metric metric : List.of(Metric.TTFT, Metric.E2E)) {
      assertThat(seen.seconds(metric, Statistic.Plain.MAX)).isInfinite();
      assertThat(seen.seconds(metric, Statistic.Plain.MEAN)).isInfinite();
      assertThat(seen.seconds(metric, new Statistic.Percentile(served + 0.5))).isInfinite();
      assertThat(seen.seconds(metric, new Statistic.Percentile(served - 0.5))).isFinite();
    }
    assertThat(seen.seconds(Metric.ITL, Statistic.Plain.MAX)).isFinite();
  }

  @Test
  void withoutAnyGapNothingIsWaitedFor() {
    Latencies nothing = new RunLatencies(run(1e9), 0).all();
    assertThat(nothing.seconds(Metric.TTFT, new Statistic.Percentile(1))).isInfinite();
    assertThat(nothing.seconds(Metric.ITL, new Statistic.Percentile(90))).isZero();
  }
}
