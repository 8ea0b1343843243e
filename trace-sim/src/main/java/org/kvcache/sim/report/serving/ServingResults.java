package org.kvcache.sim.report.serving;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.kvcache.sim.metrics.Interval;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.serving.Rounds;

/**
 * What one or more configurations came to on one trace.
 *
 * @param note how they came about
 * @param trace what was served
 * @param configs at least one, each with its own label and all with the same seeds in the same
 *     order; others are compared with the first
 */
public record ServingResults(RunNote note, TraceInfo trace, List<ConfigResults> configs) {

  /** Copies the list and checks labels and seeds. */
  public ServingResults {
    configs = List.copyOf(configs);
    if (configs.isEmpty()) {
      throw new IllegalArgumentException("there is no configuration to report; give one");
    }
    List<Long> seeds = configs.getFirst().seeds();
    var labels = new HashSet<String>();
    for (ConfigResults config : configs) {
      if (!labels.add(config.label())) {
        throw new IllegalArgumentException(
            "two configurations are called %s; give each a name of its own"
                .formatted(config.label()));
      }
      if (!config.seeds().equals(seeds)) {
        throw new IllegalArgumentException(
            "%s has seeds %s, %s has %s; run all with the same seeds in the same order"
                .formatted(config.label(), config.seeds(), configs.getFirst().label(), seeds));
      }
    }
  }

  int seeds() {
    return configs.getFirst().runs().size();
  }

  /** The classes of rounds that any run has, in their order. */
  List<String> rounds() {
    return IntStream.range(0, Rounds.CLASSES)
        .mapToObj(Rounds::label)
        .filter(label ->
            configs.stream()
                .flatMap(config -> config.runs().stream())
                .flatMap(run -> run.rounds().stream())
                .anyMatch(group -> group.label().equals(label)))
        .toList();
  }

  /** How many times the first configuration's figure it is; empty if a run has none above 0. */
  Optional<Interval> ratioToFirst(ConfigResults config, ServingFigure figure) {
    double[] values = config.values(figure::of);
    double[] base = configs.getFirst().values(figure::of);
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] > 0 && base[i] > 0)) {
        return Optional.empty();
      }
    }
    return Optional.of(Interval.ofRatios(values, base, note.confidence()));
  }
}
