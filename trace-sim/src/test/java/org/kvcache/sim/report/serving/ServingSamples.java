package org.kvcache.sim.report.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.metrics.LatencyHistogram;
import org.kvcache.sim.metrics.Percentiles;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingRun;
import org.kvcache.sim.serving.ServingSimulator;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.serving.TierSize;
import org.kvcache.sim.serving.Windows;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceSource;

/** Runs of a small trace, and runs whose numbers are easy to tell. */
final class ServingSamples {
  static final RunNote NOTE =
      new RunNote("1.2.3", List.of("serve-sim", "--trace", "a <b>"), "2 requests/s", 0.95);

  private static final Trace TRACE = trace();
  private static final double CACHE_BYTES = 20e9;
  private static final Load LOAD = new Load.Poisson(2);

  private ServingSamples() {}

  private static Trace trace() {
    try (var reader = TraceSource.open("agentic:sessions=6,active=3", 0)) {
      return Trace.load(reader, TraceOptions.ALL);
    }
  }

  static TraceInfo info() {
    return new TraceInfo("chat", "chat.jsonl", "0123456789abcdef", 1000, 1000, 400, 16, 600);
  }

  static ServingConfig config(String policy) {
    return ServingConfig.of(
            Presets.models(null).named(List.of("llama3-8b")).getFirst(),
            Presets.devices(null).named(List.of("h200")).getFirst(),
            policy)
        .withCacheBytes(CACHE_BYTES)
        .withTiers(List.of(new TierSize(TierSize.Place.HOST, 2 * CACHE_BYTES)));
  }

  static ConfigResults simulated(ServingConfig config, long... seeds) {
    var simulator = new ServingSimulator(TRACE);
    var runs = new ArrayList<ServingSummary>();
    for (long seed : seeds) {
      runs.add(ServingSummary.of(simulator.run(config, LOAD, seed), TRACE));
    }
    return new ConfigResults(config.label(), runs);
  }

  static ServingResults simulated(long... seeds) {
    return new ServingResults(
        NOTE,
        TraceInfo.of(TRACE, "agentic"),
        List.of(simulated(config("lru"), seeds), simulated(config("arc"), seeds)));
  }

  /** Requests of which {@code i} in 1 to 100 took {@code i} times {@code seconds}. */
  static RequestGroup group(String label, double seconds, long cached) {
    double[] times = IntStream.rangeClosed(1, 100).mapToDouble(i -> i * seconds).toArray();
    var gaps = new LatencyHistogram();
    gaps.record(seconds / 1000, 100);
    Percentiles percentiles = Percentiles.of(times);
    return new RequestGroup(
        label, percentiles, gaps, percentiles, 60, 1000, cached, List.of(50L, 0L, 0L));
  }

  static RequestGroup empty(String label) {
    Percentiles none = Percentiles.of(new double[0]);
    return new RequestGroup(
        label, none, new LatencyHistogram(), none, Double.NaN, 0, 0, List.of(0L, 0L, 0L));
  }

  /** A run of 1000 requests in 40 windows whose times are multiples of {@code seconds}. */
  static ServingSummary run(long seed, double seconds, boolean settled, int firstWindow) {
    ServingRun.Totals totals =
        new ServingRun.Totals(
            100, 1, 640, 10, 50, 1e15, 1e12, 3L << 30, 0, 0, 1 << 20, 4, 0, 0.25, 0.5);
    var windows = new ArrayList<RequestGroup>();
    for (int i = 0; i < 40; i++) {
      windows.add(i == 7 ? empty("7") : group(Integer.toString(i), seconds, 400));
    }
    return new ServingSummary(
        run(config("lru"), seed, totals),
        settled,
        firstWindow,
        group("all", seconds, 400),
        List.of(group("1", seconds, 0), group("3-4", seconds / 2, 600)),
        windows,
        1234.5 / seconds,
        2.5,
        0.75);
  }

  private static ServingRun run(ServingConfig config, long seed, ServingRun.Totals totals) {
    var few = new TraceOptions(false, 1);
    try (var reader = TraceSource.open("chat:sessions=1", 0)) {
      ServingRun any = new ServingSimulator(Trace.load(reader, few)).run(config, LOAD, seed);
      return new ServingRun(
          config,
          LOAD,
          seed,
          any.outcomes(),
          any.gaps(),
          new Windows(1000, 40),
          any.rounds(),
          totals);
    }
  }

  /** A run in which every request was refused. */
  static ServingSummary refused(long seed) {
    double nan = Double.NaN;
    ServingRun.Totals totals =
        new ServingRun.Totals(0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1000, nan, 0);
    List<RequestGroup> windows =
        IntStream.range(0, 40).mapToObj(i -> empty(Integer.toString(i))).toList();
    return new ServingSummary(
        run(config("lru"), seed, totals),
        false,
        0,
        empty("all"),
        List.of(),
        windows,
        -0.0,
        0,
        Double.POSITIVE_INFINITY);
  }

  static ServingResults made() {
    var lru = List.of(run(1, 0.01, true, 3), run(2, 0.012, true, 3));
    var arc = List.of(run(1, 0.005, true, 3), run(2, 0.0061, true, 3));
    return of(new ConfigResults("lru", lru), new ConfigResults("arc", arc));
  }

  static ServingResults of(ConfigResults... configs) {
    return new ServingResults(NOTE, info(), List.of(configs));
  }
}
