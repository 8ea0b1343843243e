package org.kvcache.sim.capacity;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleFunction;

/**
 * What a search found, and why it stopped.
 *
 * @param answer the hardest level that was tried and held, with no level below it that failed
 * @param limit the easiest level that was tried and failed
 * @param probes all levels tried, in that order
 */
public record Finding(
    Stop stop,
    SearchSpace space,
    Optional<Probe> answer,
    Optional<Probe> limit,
    List<Probe> probes) {
  public Finding {
    probes = List.copyOf(probes);
  }

  static Finding of(Stop stop, SearchSpace space, Bracket bracket, List<Probe> probes) {
    return new Finding(
        stop,
        space,
        Optional.ofNullable(bracket.holds()),
        Optional.ofNullable(bracket.fails()),
        probes);
  }

  /**
   * Why the search stopped, as one sentence with the numbers and without a full stop.
   *
   * @param text how to write a level, with its unit: {@code 12.5 requests/s}
   */
  public String why(DoubleFunction<String> text) {
    Probe last = probes.getLast();
    String level = text.apply(last.level());
    String end = (space.goal() == Goal.HIGHEST) ? "lowest" : "highest";
    String otherEnd = (space.goal() == Goal.HIGHEST) ? "highest" : "lowest";
    return switch (stop) {
      case CONVERGED -> "converged: " + ends(text);
      case PROBES_USED_UP -> "probes used up: after %d, %s".formatted(probes.size(), ends(text));
      case BOUND_REACHED ->
          "bound reached: %s, the %s level allowed, holds (%s)"
              .formatted(level, otherEnd, last.verdict().worst());
      case IMPOSSIBLE ->
          "impossible: %s, the %s level allowed, does not hold (%s)"
              .formatted(level, end, last.verdict().worst());
      case FLAT ->
          "flat: strain is the same from %s to %s, the %s level allowed, so no level helps (%s)"
              .formatted(
                  text.apply(Plateau.of(probes).from().level()),
                  level,
                  end,
                  last.verdict().worst());
    };
  }

  private String ends(DoubleFunction<String> text) {
    String holds = answer.map(p -> text.apply(p.level()) + " holds").orElse("no level tried holds");
    String fails =
        limit.map(p -> text.apply(p.level()) + " does not").orElse("no level tried fails");
    if (answer.isEmpty() && limit.isPresent()) {
      fails = "the nearest is " + text.apply(limit.get().level());
    }
    return holds + " and " + fails + gap();
  }

  private String gap() {
    if (answer.isEmpty() || limit.isEmpty()) {
      return "";
    }
    double gap = SearchSpace.gap(answer.get().level(), limit.get().level());
    return String.format(Locale.ROOT, " (%.1f %% apart)", 100 * gap);
  }
}
