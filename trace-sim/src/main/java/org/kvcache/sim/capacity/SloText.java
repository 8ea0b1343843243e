package org.kvcache.sim.capacity;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Reads limits as users write them; each complaint says what is wrong and how to mend it. */
final class SloText {
  private static final String EXAMPLE = "ttft.p99=2s,itl.p90=50ms";
  private static final double LONGEST_SECONDS = 1e9;
  private static final double SHORTEST_SECONDS = 1e-9;

  private SloText() {}

  /** The objectives of comma-separated text, in its order. */
  static List<Objective> parse(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("SLO: no limit is given; write for example " + EXAMPLE);
    }
    var objectives = new ArrayList<Objective>();
    for (String part : text.split(",", -1)) {
      Objective objective = objective(part.strip());
      for (Objective other : objectives) {
        if (other.name().equals(objective.name())) {
          throw new IllegalArgumentException(
              "SLO: %s has two limits, %s and %s; keep one"
                  .formatted(objective.name(), other, objective));
        }
      }
      objectives.add(objective);
    }
    return objectives;
  }

  private static Objective objective(String part) {
    int equals = part.indexOf('=');
    int dot = part.indexOf('.');
    if (dot < 1 || equals < dot + 2 || equals == part.length() - 1) {
      throw new IllegalArgumentException(
          "SLO: '%s' is not a limit; write metric.statistic=time, for example %s"
              .formatted(part, EXAMPLE));
    }
    return new Objective(
        metric(part.substring(0, dot).strip()),
        statistic(part.substring(dot + 1, equals).strip()),
        limit(part, part.substring(equals + 1).strip()));
  }

  private static Metric metric(String text) {
    for (Metric metric : Metric.values()) {
      if (metric.name().equalsIgnoreCase(text)) {
        return metric;
      }
    }
    throw new IllegalArgumentException(
        "SLO: unknown metric '%s'; known: %s"
            .formatted(
                text,
                Arrays.stream(Metric.values())
                    .map(Metric::toString)
                    .collect(Collectors.joining(", "))));
  }

  private static Statistic statistic(String text) {
    for (Statistic.Plain plain : Statistic.Plain.values()) {
      if (plain.name().equalsIgnoreCase(text)) {
        return plain;
      }
    }
    if (text.toLowerCase(Locale.ROOT).startsWith("p")) {
      double percent =
          TimeUnits.number(text.substring(1)).map(BigDecimal::doubleValue).orElse(Double.NaN);
      if (percent > 0 && percent < 100) {
        return new Statistic.Percentile(percent);
      }
    }
    throw new IllegalArgumentException(
        "SLO: unknown statistic '%s'; known: mean, max, percentiles below p100 such as p99.9"
            .formatted(text));
  }

  private static double limit(String part, String text) {
    if (TimeUnits.number(text).isPresent()) {
      throw new IllegalArgumentException(
          "SLO: the limit of '%s' has no unit; write one of %s behind the number"
              .formatted(part, TimeUnits.known()));
    }
    double seconds =
        TimeUnits.seconds(text.toLowerCase(Locale.ROOT))
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "SLO: the limit of '%s' is not a time; write a number and one of %s"
                        .formatted(part, TimeUnits.known())))
            .doubleValue();
    if (!(seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS)) {
      throw new IllegalArgumentException(
          "SLO: the limit of '%s' is out of range; write a time above 0, from 0.001us to 1e9s"
              .formatted(part));
    }
    return seconds;
  }
}
