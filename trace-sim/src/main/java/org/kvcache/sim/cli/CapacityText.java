package org.kvcache.sim.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.kvcache.ByteSize;
import org.kvcache.sim.capacity.Observation;
import org.kvcache.sim.capacity.Probe;
import org.kvcache.sim.capacity.Stop;
import org.kvcache.sim.serving.ServingConfig;

/** What {@code capacity} prints. */
final class CapacityText {
  private CapacityText() {}

  /** Each probe of a search, and why it stopped. */
  static List<String> probes(CapacityAnswer answer) {
    var lines = new ArrayList<String>();
    lines.add("");
    lines.add(
        String.format(
            Locale.ROOT,
            "%s: %s on %s, %s",
            name(answer),
            answer.config().model().name(),
            machines(answer, answer.config().replicas()),
            answer.warmUp()));
    int number = 0;
    for (Probe probe : answer.finding().probes()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %2d  %-20s %s  strain %s, %s",
              ++number,
              level(answer, probe.level()),
              probe.verdict().overall().stream()
                  .map(CapacityText::observed)
                  .collect(Collectors.joining("  ")),
              strain(probe.strain()),
              verdict(answer, probe)));
    }
    lines.add("  " + answer.finding().why(level -> level(answer, level)));
    return lines;
  }

  private static String strain(double strain) {
    return Double.isInfinite(strain) ? "endless" : String.format(Locale.ROOT, "%.3f", strain);
  }

  private static String observed(Observation seen) {
    return "%s %-8s".formatted(seen.objective().name(), seconds(seen.seconds()));
  }

  private static String verdict(CapacityAnswer answer, Probe probe) {
    String windows =
        probe.verdict().leftOut().stream()
            .map(window -> Integer.toString(window + answer.firstWindow() + 1))
            .collect(Collectors.joining(" and "));
    if (windows.isEmpty()) {
      return probe.holds() ? "holds" : "does not hold";
    }
    return (probe.holds() ? "holds but for window " : "does not hold even without window ")
        + windows;
  }

  /** The answers side by side. */
  static List<String> answers(List<CapacityAnswer> answers) {
    var lines = new ArrayList<String>();
    double base = level(answers.getFirst());
    for (CapacityAnswer answer : answers) {
      double level = level(answer);
      String what =
          answer.finding().answer().isEmpty()
              ? "no " + answer.sought().label() + " tried holds the SLO"
              : bound(answer) + level(answer, level) + doubt(answer);
      String ratio =
          answers.size() > 1 && level > 0 && base > 0
              ? String.format(Locale.ROOT, "  x%.2f", level / base)
              : "";
      lines.add("%s for %s: %s%s".formatted(answer.sought().label(), name(answer), what, ratio));
    }
    return lines;
  }

  /** Where nothing failed, a higher rate may hold; fewer replicas and less memory there are not. */
  private static String bound(CapacityAnswer answer) {
    boolean open = answer.sought() == Sought.RATE && answer.finding().limit().isEmpty();
    return open ? "at least " : "";
  }

  private static String doubt(CapacityAnswer answer) {
    return answer.finding().stop() == Stop.PROBES_USED_UP
        ? " (not narrowed down, as the probes were used up)"
        : "";
  }

  private static double level(CapacityAnswer answer) {
    return answer.finding().answer().map(Probe::level).orElse(0.0);
  }

  static String name(CapacityAnswer answer) {
    return name(answer.config());
  }

  static String name(ServingConfig config) {
    return config.label().isEmpty() ? config.policy() : config.label();
  }

  /** A level with its unit. */
  static String level(CapacityAnswer answer, double level) {
    return switch (answer.sought()) {
      case RATE -> String.format(Locale.ROOT, "%.4g requests/s", level);
      case DEVICES -> machines(answer, (int) level);
      case CACHE -> ByteSize.format(level);
    };
  }

  private static String machines(CapacityAnswer answer, int replicas) {
    return replicas * answer.config().gpus() + " x " + answer.config().device().name();
  }

  /** A time in a unit that suits it. */
  static String seconds(double seconds) {
    if (Double.isInfinite(seconds)) {
      return "endless";
    }
    return seconds >= 1
        ? String.format(Locale.ROOT, "%.3gs", seconds)
        : seconds >= 1e-3
            ? String.format(Locale.ROOT, "%.3gms", seconds * 1e3)
            : String.format(Locale.ROOT, "%.3gus", seconds * 1e6);
  }
}
