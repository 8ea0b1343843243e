package org.kvcache.sim.report.serving;

import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingRun;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.serving.TierSize;

/** The figures of a run, in the order of reports. */
enum ServingFigure {
  /** Median time to first token. */
  TTFT_P50("ttftP50Seconds", "TTFT p50", Unit.SECONDS, Better.LOWER, firstToken(50)),
  /** Time to first token that 90 % do not exceed. */
  TTFT_P90("ttftP90Seconds", "TTFT p90", Unit.SECONDS, Better.LOWER, firstToken(90)),
  /** Time to first token that 99 % do not exceed. */
  TTFT_P99("ttftP99Seconds", "TTFT p99", Unit.SECONDS, Better.LOWER, firstToken(99)),
  /** Mean time to first token. */
  TTFT_MEAN(
      "ttftMeanSeconds",
      "TTFT mean",
      Unit.SECONDS,
      Better.LOWER,
      group(group -> group.timeToFirstToken().mean())),
  /** Median time between tokens. */
  ITL_P50("itlP50Seconds", "inter-token p50", Unit.SECONDS, Better.LOWER, gap(50)),
  /** Time between tokens that 90 % do not exceed. */
  ITL_P90("itlP90Seconds", "inter-token p90", Unit.SECONDS, Better.LOWER, gap(90)),
  /** Time between tokens that 99 % do not exceed. */
  ITL_P99("itlP99Seconds", "inter-token p99", Unit.SECONDS, Better.LOWER, gap(99)),
  /** Median time from arrival to last token. */
  E2E_P50("e2eP50Seconds", "end to end p50", Unit.SECONDS, Better.LOWER, endToEnd(50)),
  /** Time from arrival to last token that 99 % do not exceed. */
  E2E_P99("e2eP99Seconds", "end to end p99", Unit.SECONDS, Better.LOWER, endToEnd(99)),
  /** Tokens generated a second. */
  OUTPUT_TOKENS(
      "outputTokensPerSecond",
      "output tokens/s",
      Unit.TOKENS_PER_SECOND,
      Better.HIGHER,
      settled(ServingSummary::outputTokensPerSecond)),
  /** Requests answered a second. */
  REQUESTS(
      "requestsPerSecond",
      "requests/s",
      Unit.REQUESTS_PER_SECOND,
      Better.HIGHER,
      settled(ServingSummary::requestsPerSecond)),
  /** Prompt tokens that were found anywhere. */
  HITS("hitShare", "hits", Unit.SHARE, Better.HIGHER, group(ServingFigure::hits)),
  /** Prompt tokens that were found on the GPU. */
  GPU_HITS(
      "gpuHitShare", "hits on GPU", Unit.SHARE, Better.HIGHER, group(RequestGroup::cachedShare)),
  /** Prompt tokens that came from host memory. */
  HOST_HITS(
      "hostHitShare", "hits on host", Unit.SHARE, Better.HIGHER, restored(TierSize.Place.HOST)),
  /** Prompt tokens that came from disk. */
  DISK_HITS(
      "diskHitShare", "hits on disk", Unit.SHARE, Better.HIGHER, restored(TierSize.Place.DISK)),
  /** Prompt tokens that came from remote storage. */
  REMOTE_HITS(
      "remoteHitShare", "hits remote", Unit.SHARE, Better.HIGHER, restored(TierSize.Place.REMOTE)),
  /** Share of the slots that running sequences hold, over time. */
  MEAN_OCCUPANCY(
      "meanOccupancy",
      "occupancy mean",
      Unit.SHARE,
      Better.NEITHER,
      whole(ServingRun.Totals::meanOccupancy)),
  /** The largest such share that one replica saw. */
  MAX_OCCUPANCY(
      "maxOccupancy",
      "occupancy max",
      Unit.SHARE,
      Better.NEITHER,
      whole(ServingRun.Totals::maxOccupancy)),
  /** Sequences that gave way to others. */
  PREEMPTIONS(
      "preemptions",
      "preemptions",
      Unit.COUNT,
      Better.LOWER,
      whole(ServingRun.Totals::preemptions)),
  /** Requests longer than the cache. */
  REFUSED("refused", "refused", Unit.COUNT, Better.LOWER, whole(ServingRun.Totals::refused)),
  /** Bytes that came over the link before prompts were computed. */
  RESTORED(
      "restoredBytes",
      "restored",
      Unit.BYTES,
      Better.NEITHER,
      whole(ServingRun.Totals::restoredBytes)),
  /** Bytes of chosen sets that came over the link. */
  SELECTED(
      "selectedBytes",
      "selected",
      Unit.BYTES,
      Better.LOWER,
      whole(ServingRun.Totals::selectedBytes)),
  /** Bytes of sequences that gave way. */
  SWAPPED(
      "swappedBytes", "swapped", Unit.BYTES, Better.LOWER, whole(ServingRun.Totals::swappedBytes)),
  /** Bytes that went to lower tiers. */
  KEPT("keptBytes", "kept", Unit.BYTES, Better.NEITHER, whole(ServingRun.Totals::keptBytes)),
  /** Share of the time in which a replica computed. */
  GPU_BUSY(
      "gpuBusyShare",
      "GPU busy",
      Unit.SHARE,
      Better.NEITHER,
      new Reading(Scope.WHOLE_RUN, _ -> Double.NaN, ServingFigure::busyShare)),
  /** Energy for each token generated, an estimate. */
  ENERGY(
      "estimatedJoulesPerToken",
      "J/token, estimate",
      Unit.JOULES_PER_TOKEN,
      Better.LOWER,
      new Reading(Scope.WHOLE_RUN, _ -> Double.NaN, ServingSummary::joulesPerToken));

  /** What a figure is counted in. */
  enum Unit {
    SECONDS("s"),
    TOKENS_PER_SECOND("tokens/s"),
    REQUESTS_PER_SECOND("requests/s"),
    SHARE("fraction, 0 to 1"),
    COUNT("number"),
    BYTES("bytes"),
    JOULES_PER_TOKEN("J/token, an estimate");

    private final String label;

    Unit(String label) {
      this.label = label;
    }

    /** As documents write it. */
    String label() {
      return label;
    }
  }

  /** Which values are to be wished for. */
  enum Better {
    LOWER,
    HIGHER,
    NEITHER
  }

  /** What a figure is counted over. */
  enum Scope {
    /** Requests that count, and any group of requests. */
    GROUP,
    /** Requests that count. */
    SETTLED,
    /** The whole run, warm-up included. */
    WHOLE_RUN
  }

  private record Reading(
      Scope scope, ToDoubleFunction<RequestGroup> group, ToDoubleFunction<ServingSummary> run) {}

  private final String key;
  private final String title;
  private final Unit unit;
  private final Better better;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Reading reading;

  ServingFigure(String key, String title, Unit unit, Better better, Reading reading) {
    this.key = key;
    this.title = title;
    this.unit = unit;
    this.better = better;
    this.reading = reading;
  }

  /** Its name in JSON and CSV, unit included. */
  public String key() {
    return key;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }

  Unit unit() {
    return unit;
  }

  /** Whether less of it is to be wished for. */
  public boolean lowerIsBetter() {
    return better == Better.LOWER;
  }

  Better better() {
    return better;
  }

  Scope scope() {
    return reading.scope;
  }

  /** The figure of a run, in its unit; NaN if the run has none. */
  public double of(ServingSummary summary) {
    boolean none = scope() != Scope.WHOLE_RUN && summary.all().requests() == 0;
    return none ? Double.NaN : finite(reading.run.applyAsDouble(summary));
  }

  /** The figure of some requests, in its unit; NaN if there is none or it is one of whole runs. */
  public double of(RequestGroup group) {
    return group.requests() == 0 ? Double.NaN : finite(reading.group.applyAsDouble(group));
  }

  /** A value of this figure as documents write it: whole if it counts, null if there is none. */
  @Nullable Number number(double value) {
    if (!Double.isFinite(value)) {
      return null;
    }
    return unit == Unit.COUNT ? (Number) Math.round(value) : (Number) value;
  }

  private static double finite(double value) {
    return Double.isFinite(value) ? value : Double.NaN;
  }

  private static Reading group(ToDoubleFunction<RequestGroup> figure) {
    return new Reading(Scope.GROUP, figure, summary -> figure.applyAsDouble(summary.all()));
  }

  private static Reading settled(ToDoubleFunction<ServingSummary> figure) {
    return new Reading(Scope.SETTLED, _ -> Double.NaN, figure);
  }

  private static Reading whole(ToDoubleFunction<ServingRun.Totals> figure) {
    return new Reading(
        Scope.WHOLE_RUN, _ -> Double.NaN, summary -> figure.applyAsDouble(summary.run().totals()));
  }

  private static Reading firstToken(double percent) {
    return group(group -> group.timeToFirstToken().at(percent));
  }

  private static Reading gap(double percent) {
    return group(group -> group.gaps().seconds(percent));
  }

  private static Reading endToEnd(double percent) {
    return group(group -> group.endToEnd().at(percent));
  }

  private static Reading restored(TierSize.Place place) {
    return group(group -> group.restoredShare(place));
  }

  private static double hits(RequestGroup group) {
    double share = group.cachedShare();
    for (TierSize.Place place : TierSize.Place.values()) {
      share += group.restoredShare(place);
    }
    return share;
  }

  private static double busyShare(ServingSummary summary) {
    ServingRun.Totals totals = summary.run().totals();
    return totals.busySeconds() / (totals.seconds() * summary.run().config().replicas());
  }
}
