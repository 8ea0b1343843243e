package org.kvcache.sim.cli;

import java.util.Locale;
import java.util.function.Consumer;
import org.kvcache.sim.capacity.CapacitySearch;
import org.kvcache.sim.capacity.Finding;
import org.kvcache.sim.capacity.Goal;
import org.kvcache.sim.capacity.Probe;
import org.kvcache.sim.capacity.SearchSpace;
import org.kvcache.sim.capacity.Slo;
import org.kvcache.sim.capacity.Verdict;
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

  CapacityAnswer search(Consumer<Probe> progress) {
    Trace trace = simulator.trace();
    double rate = load.rate(trace);
    ServingRun reference = simulator.run(config, load.at(rate, trace), seed);
    double sustained =
        FIRST_GUESS * config.replicas() * trace.requests() / reference.totals().busySeconds();
    ServingSummary settled = ServingSummary.of(reference, trace);
    double calm = rate;
    if (!settled.settled() || rate > sustained) {
      calm = Math.min(rate, sustained) / 2;
      settled = ServingSummary.of(simulator.run(config, load.at(calm, trace), seed), trace);
    }
    int first = settled.firstWindow();
    Finding finding =
        new CapacitySearch(space(sustained), settings.tolerance(), settings.probes())
            .from(guess(rate, sustained), level -> verdict(level, rate, first), progress);
    String warmUp =
        String.format(
            Locale.ROOT,
            settled.settled()
                ? "warm-up: %d of %d windows, in a run at %.3g requests/s"
                : "warm-up: no steady state in a run at %3$.3g requests/s, so nothing is left out",
            first,
            reference.windows().count(),
            calm);
    return new CapacityAnswer(
        config, settings.sought(), finding, first, reference.windows().count(), warmUp);
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

  private Verdict verdict(double level, double rate, int firstWindow) {
    Trace trace = simulator.trace();
    ServingRun run =
        switch (settings.sought()) {
          case RATE -> simulator.run(config, load.at(level, trace), seed);
          case DEVICES ->
              simulator.run(config.withReplicas((int) level), load.at(rate, trace), seed);
          case CACHE -> simulator.run(config.withCacheBytes(level), load.at(rate, trace), seed);
        };
    return settings.slo().judge(new RunLatencies(run, firstWindow), settings.spikes());
  }
}
