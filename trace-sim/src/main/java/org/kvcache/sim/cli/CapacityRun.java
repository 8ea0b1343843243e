package org.kvcache.sim.cli;

import java.util.Locale;
import java.util.function.Consumer;
import org.kvcache.ByteSize;
import org.kvcache.sim.capacity.CapacitySearch;
import org.kvcache.sim.capacity.Finding;
import org.kvcache.sim.capacity.Goal;
import org.kvcache.sim.capacity.Probe;
import org.kvcache.sim.capacity.SearchSpace;
import org.kvcache.sim.capacity.Slo;
import org.kvcache.sim.capacity.Verdict;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.serving.RunLatencies;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingRun;
import org.kvcache.sim.serving.ServingSimulator;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.trace.Trace;

/** One search: what its levels are, where it begins, and how a level is run. */
final class CapacityRun {
  /** Of the capacity that the first run suggests, since passes are less full below it. */
  private static final double FIRST_GUESS = 0.8;

  /** How far the answer may be from the first guess, either way. */
  private static final double RANGE = 1000;

  private final ServingSimulator simulator;
  private final ServingConfig config;
  private final LoadArguments load;
  private final Settings settings;
  private final long seed;

  /** What all searches of a command have in common. */
  record Settings(
      Sought sought, Slo slo, double tolerance, int probes, int spikes, int maxReplicas) {}

  CapacityRun(
      ServingSimulator simulator,
      ServingConfig config,
      LoadArguments load,
      Settings settings,
      long seed) {
    this.simulator = simulator;
    this.config = config;
    this.load = load;
    this.settings = settings;
    this.seed = seed;
  }

  ServingConfig config() {
    return config;
  }

  /**
   * What is known before the first probe.
   *
   * @param rate requests a second, where it is not what is sought
   * @param guess the level to begin with
   * @param firstWindow windows before this one are warm-up
   * @param windows of a run
   * @param warmUp how the warm-up was found and what was turned away, for people
   */
  record Plan(
      SearchSpace space, double rate, double guess, int firstWindow, int windows, String warmUp) {}

  CapacityAnswer search(Consumer<Probe> progress) {
    Plan plan = plan();
    Finding finding =
        new CapacitySearch(plan.space(), settings.tolerance(), settings.probes())
            .from(plan.guess(), level -> verdict(level, plan), progress);
    return new CapacityAnswer(
        config, settings.sought(), finding, plan.firstWindow(), plan.windows(), plan.warmUp());
  }

  /** Runs the trace once, or twice if the first run is too busy to settle. */
  Plan plan() {
    Trace trace = simulator.trace();
    double rate = load.rate(trace);
    ServingRun reference = simulator.run(config, load.at(rate, trace), seed);
    int served = trace.requests() - reference.totals().refused();
    if (served == 0) {
      throw new IllegalArgumentException(
          "%s: every request of %s is longer than the cache of %s; give a larger --cache"
              .formatted(
                  CapacityText.name(config),
                  trace.name(),
                  ByteSize.format(config.cacheBytes().orElseGet(config::roomBytes))));
    }
    double sustained = FIRST_GUESS * config.replicas() * served / reference.totals().busySeconds();
    ServingSummary settled = ServingSummary.of(reference, trace);
    double calm = rate;
    if (!settled.settled() || rate > sustained) {
      calm = Math.min(rate, sustained) / 2;
      settled = ServingSummary.of(simulator.run(config, load.at(calm, trace), seed), trace);
    }
    int first = settled.firstWindow();
    int windows = reference.windows().count();
    String warmUp =
        settled.settled()
            ? String.format(
                Locale.ROOT,
                "warm-up: %d of %d windows, in a run at %.3g requests/s",
                first,
                windows,
                calm)
            : String.format(
                Locale.ROOT,
                "warm-up: no steady state in a run at %.3g requests/s, so nothing is left out",
                calm);
    String refused =
        served < trace.requests()
            ? "; %d of %d requests are longer than the cache and count as endless"
                .formatted(trace.requests() - served, trace.requests())
            : "";
    return new Plan(
        space(sustained), rate, guess(rate, sustained), first, windows, warmUp + refused);
  }

  private SearchSpace space(double sustained) {
    return switch (settings.sought()) {
      case RATE -> new SearchSpace(Goal.HIGHEST, sustained / RANGE, sustained * RANGE, false);
      case DEVICES -> new SearchSpace(Goal.LOWEST, 1, settings.maxReplicas(), true);
      case CACHE -> {
        double most = config.cacheBytes().orElse(config.roomBytes());
        double least = Math.min(most, config.blockBytes(simulator.trace().blockTokens()));
        yield new SearchSpace(Goal.LOWEST, least, most, false);
      }
    };
  }

  private double guess(double rate, double sustained) {
    return switch (settings.sought()) {
      case RATE -> sustained;
      case DEVICES -> Math.ceil(config.replicas() * rate / sustained);
      case CACHE -> config.cacheBytes().orElse(config.roomBytes());
    };
  }

  /** What the SLO says of a run at a level. */
  Verdict verdict(double level, Plan plan) {
    Trace trace = simulator.trace();
    Load asked = load.at(settings.sought() == Sought.RATE ? level : plan.rate(), trace);
    ServingConfig tried =
        switch (settings.sought()) {
          case RATE -> config;
          case DEVICES -> config.withReplicas((int) level);
          case CACHE -> config.withCacheBytes(level);
        };
    var latencies = new RunLatencies(simulator.run(tried, asked, seed), plan.firstWindow());
    return settings.slo().judge(latencies, settings.spikes());
  }
}
