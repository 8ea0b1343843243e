package org.kvcache.sim.report.serving;

import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.kvcache.ByteSize;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingRun;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.serving.TierSize;

/** A figure of a run. Those of requests are of the settled part, totals of the whole run. */
enum ServingFigure {
  TTFT_P50("ttft p50", "ttftP50", Unit.SECONDS, run -> run.all().timeToFirstToken().at(50)),
  TTFT_P90("ttft p90", "ttftP90", Unit.SECONDS, run -> run.all().timeToFirstToken().at(90)),
  TTFT_P99("ttft p99", "ttftP99", Unit.SECONDS, run -> run.all().timeToFirstToken().at(99)),
  TTFT_MEAN("ttft mean", "ttftMean", Unit.SECONDS, run -> run.all().timeToFirstToken().mean()),
  ITL_P50("itl p50", "itlP50", Unit.SECONDS, run -> gap(run, 50)),
  ITL_P90("itl p90", "itlP90", Unit.SECONDS, run -> gap(run, 90)),
  ITL_P99("itl p99", "itlP99", Unit.SECONDS, run -> gap(run, 99)),
  E2E_P50("e2e p50", "e2eP50", Unit.SECONDS, run -> run.all().endToEnd().at(50)),
  E2E_P99("e2e p99", "e2eP99", Unit.SECONDS, run -> run.all().endToEnd().at(99)),
  TOKENS(
      "output tokens/s", "outputTokensPerSecond", Unit.RATE, ServingSummary::outputTokensPerSecond),
  REQUESTS("requests/s", "requestsPerSecond", Unit.RATE, ServingSummary::requestsPerSecond),
  HIT_GPU("prompt tokens on the GPU", "hitGpu", Unit.SHARE, run -> run.all().cachedShare()),
  HIT_HOST("from host", "hitHost", Unit.SHARE, run -> restored(run, TierSize.Place.HOST)),
  HIT_DISK("from disk", "hitDisk", Unit.SHARE, run -> restored(run, TierSize.Place.DISK)),
  HIT_REMOTE("from remote", "hitRemote", Unit.SHARE, run -> restored(run, TierSize.Place.REMOTE)),
  OCCUPANCY("cache in use, mean", "occupancyMean", Unit.SHARE, run -> totals(run).meanOccupancy()),
  OCCUPANCY_MAX(
      "cache in use, most", "occupancyMax", Unit.SHARE, run -> totals(run).maxOccupancy()),
  BUSY("GPU busy", "busy", Unit.SHARE, ServingFigure::busy),
  PREEMPTIONS("pre-emptions", "preemptions", Unit.COUNT, run -> totals(run).preemptions()),
  REFUSED("refused", "refused", Unit.COUNT, run -> totals(run).refused()),
  RESTORED("restored", "restoredBytes", Unit.BYTES, run -> totals(run).restoredBytes()),
  SELECTED("chosen sets", "selectedBytes", Unit.BYTES, run -> totals(run).selectedBytes()),
  SWAPPED("swapped out", "swappedBytes", Unit.BYTES, run -> totals(run).swappedBytes()),
  KEPT("kept below", "keptBytes", Unit.BYTES, run -> totals(run).keptBytes()),
  ENERGY("energy/token (estimate)", "joulesPerToken", Unit.JOULES, ServingSummary::joulesPerToken);

  /** What a figure is counted in. */
  enum Unit {
    SECONDS("s"),
    RATE("1/s"),
    SHARE("0 to 1"),
    COUNT("count"),
    BYTES("bytes"),
    JOULES("J, an estimate");

    private final String text;

    Unit(String text) {
      this.text = text;
    }

    String text() {
      return text;
    }

    /** A value as tables show it; a dash if there is none. */
    String show(double value) {
      if (Double.isNaN(value)) {
        return "-";
      }
      return switch (this) {
        case SECONDS -> seconds(value);
        case SHARE -> String.format(Locale.ROOT, "%.2f %%", 100 * value);
        case COUNT -> String.format(Locale.ROOT, "%,.0f", value);
        case BYTES -> ByteSize.format(value);
        case RATE -> String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.3g", value);
        case JOULES -> String.format(Locale.ROOT, "%.3g J", value);
      };
    }

    private static String seconds(double value) {
      return value >= 100
          ? String.format(Locale.ROOT, "%,.0f s", value)
          : value >= 1
              ? String.format(Locale.ROOT, "%.2f s", value)
              : value >= 1e-3
                  ? String.format(Locale.ROOT, "%.3g ms", value * 1e3)
                  : String.format(Locale.ROOT, "%.3g us", value * 1e6);
    }
  }

  private final String title;
  private final String field;
  private final Unit unit;

  @SuppressWarnings("ImmutableEnumChecker") // functions without a state
  private final ToDoubleFunction<ServingSummary> value;

  ServingFigure(String title, String field, Unit unit, ToDoubleFunction<ServingSummary> value) {
    this.title = title;
    this.field = field;
    this.unit = unit;
    this.value = value;
  }

  String title() {
    return title;
  }

  /** Its name in JSON and CSV. */
  String field() {
    return field;
  }

  Unit unit() {
    return unit;
  }

  double of(ServingSummary run) {
    return value.applyAsDouble(run);
  }

  /** Whether a line of zeros says nothing: what only some configurations have. */
  boolean optional() {
    return switch (this) {
      case HIT_HOST,
          HIT_DISK,
          HIT_REMOTE,
          PREEMPTIONS,
          REFUSED,
          RESTORED,
          SELECTED,
          SWAPPED,
          KEPT ->
          true;
      default -> false;
    };
  }

  private static double gap(ServingSummary run, double percent) {
    return run.all().gaps().seconds(percent);
  }

  private static double restored(ServingSummary run, TierSize.Place place) {
    RequestGroup all = run.all();
    return all.restoredShare(place);
  }

  private static ServingRun.Totals totals(ServingSummary run) {
    return run.run().totals();
  }

  private static double busy(ServingSummary run) {
    return totals(run).busySeconds() / totals(run).seconds() / run.run().config().replicas();
  }
}
