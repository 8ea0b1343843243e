package org.kvcache.sim.cli;

import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.trace.Trace;
import picocli.CommandLine.Option;

/** The options that say when requests arrive. */
final class LoadArguments {
  private static final Pattern RATE = Pattern.compile("(\\d+(?:\\.\\d+)?|\\.\\d+) ?(x|/s)?");

  @Option(
      names = "--rate",
      paramLabel = "RATE",
      description = {
        "Requests a second on average (3/s), or times the trace's own (1.5x). Default: 1x.",
      })
  @Nullable String rate;

  @Option(
      names = "--arrivals",
      paramLabel = "WAY",
      defaultValue = "recorded",
      description = {
        "recorded (the trace's times, brought to the rate) or poisson (its order, random times)."
            + " Default: ${DEFAULT-VALUE}.",
      })
  private String arrivals = "";

  @Option(
      names = "--users",
      paramLabel = "N",
      description = {
        "So many users instead of a rate, each with one session after the other, who wait for every"
            + " answer.",
      })
  private @Nullable Integer users;

  @Option(
      names = "--think",
      paramLabel = "SECONDS",
      description = {
        "Mean of the exponential pause of a user before each request. Default: the trace's own"
            + " pauses within a session, none between sessions.",
      })
  private @Nullable Double think;

  /** Called by picocli. */
  LoadArguments() {}

  /** Whether users who wait decide when requests come, instead of a rate. */
  boolean closed() {
    return users != null;
  }

  /** The load as asked for. */
  Load load(Trace trace) {
    if (users != null) {
      if (rate != null) {
        throw new IllegalArgumentException(
            "--users and --rate both say when requests arrive; give one of them");
      }
      return new Load.Closed(
          users, think == null ? OptionalDouble.empty() : OptionalDouble.of(think));
    }
    if (think != null) {
      throw new IllegalArgumentException("--think is a pause of users; give --users too");
    }
    return at(rate(trace), trace);
  }

  /** The load at another rate, in requests a second. */
  Load at(double requestsPerSecond, Trace trace) {
    if (poisson()) {
      return new Load.Poisson(requestsPerSecond);
    }
    return new Load.Recorded(requestsPerSecond / recorded(trace));
  }

  /** Requests a second, as asked for. */
  double rate(Trace trace) {
    Matcher match = RATE.matcher(rate == null ? "1x" : rate.strip().toLowerCase(Locale.ROOT));
    double number = match.matches() ? Double.parseDouble(match.group(1)) : 0;
    if (!(number > 0)) {
      throw new IllegalArgumentException(
          "--rate '%s' is not understood; write 3/s (requests a second) or 1.5x (times the trace's)"
              .formatted(rate));
    }
    return "/s".equals(match.group(2)) ? number : number * recorded(trace);
  }

  /** For the head of a report. */
  String describe(Trace trace) {
    if (users != null) {
      return users
          + " users"
          + (think == null
              ? ""
              : String.format(Locale.ROOT, " who pause %.3g s on average", think));
    }
    return String.format(
        Locale.ROOT,
        "%.3g requests/s, %s",
        rate(trace),
        poisson() ? "Poisson arrivals" : "arrivals as recorded");
  }

  private boolean poisson() {
    return switch (arrivals.strip().toLowerCase(Locale.ROOT)) {
      case "poisson" -> true;
      case "recorded" -> false;
      default ->
          throw new IllegalArgumentException(
              "--arrivals '%s' is unknown; known: recorded, poisson".formatted(arrivals));
    };
  }

  /** The trace's own rate. */
  private static double recorded(Trace trace) {
    int last = trace.requests() - 1;
    double seconds = (trace.timeMillis(last) - trace.timeMillis(0)) / 1e3;
    if (!(seconds > 0)) {
      throw new IllegalArgumentException(
          "%s has no times that requests arrive at; give a --rate such as 3/s and --arrivals poisson"
              .formatted(trace.name()));
    }
    return last / seconds;
  }
}
