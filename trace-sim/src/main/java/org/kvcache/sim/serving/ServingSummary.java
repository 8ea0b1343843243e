package org.kvcache.sim.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.metrics.LatencyHistogram;
import org.kvcache.sim.metrics.WarmUp;
import org.kvcache.sim.trace.Trace;

/**
 * What a run comes to once it has settled. The windows before that are left out of everything but
 * {@link #windows}; where no steady state is found, as when the queue grows without end, nothing is
 * left out and {@link #settled} is false.
 *
 * @param run the run
 * @param settled whether a steady state was found
 * @param firstWindow the first window that counts
 * @param all the requests that count
 * @param rounds the same by turn of their session; classes without requests are left out
 * @param windows all requests, warm-up included, in parts by order of arrival
 * @param outputTokensPerSecond of the requests that count, from the first arrival to the last token
 * @param requestsPerSecond the same for requests
 * @param joulesPerToken an estimate, of the whole run: operations, bytes and the time that the GPUs
 *     are on, over the tokens generated
 */
public record ServingSummary(
    ServingRun run,
    boolean settled,
    int firstWindow,
    RequestGroup all,
    List<RequestGroup> rounds,
    List<RequestGroup> windows,
    double outputTokensPerSecond,
    double requestsPerSecond,
    double joulesPerToken) {

  /** Of a run over {@code trace}, with the warm-up as it shows itself. */
  public static ServingSummary of(ServingRun run, Trace trace) {
    OptionalInt settled = firstSettled(run, trace);
    return of(run, trace, settled.orElse(0), settled.isPresent());
  }

  /**
   * Of a run over {@code trace} with another's warm-up, so that runs can be compared.
   *
   * @param firstWindow the first window that counts
   */
  public static ServingSummary from(ServingRun run, Trace trace, int firstWindow) {
    return of(run, trace, firstWindow, true);
  }

  private static ServingSummary of(ServingRun run, Trace trace, int firstWindow, boolean settled) {
    Outcomes outcomes = run.outcomes();
    RequestGroup.InputTokens input = request -> Math.max(1, trace.inputTokens(request));
    var all = new RequestGroup.Builder(outcomes, input);
    var byRound = new ArrayList<RequestGroup.Builder>();
    for (int round = 0; round < Rounds.CLASSES; round++) {
      byRound.add(new RequestGroup.Builder(outcomes, input));
    }
    double begin = Double.POSITIVE_INFINITY;
    double end = 0;
    long tokens = 0;
    long allTokens = 0;
    int first = run.windows().first(firstWindow);
    for (int i = 0; i < outcomes.requests(); i++) {
      int request = outcomes.byArrival(i);
      allTokens += outcomes.generatedTokens(request);
      if (i >= first && !outcomes.refused(request)) {
        all.add(request);
        byRound.get(run.rounds().of(request)).add(request);
        tokens += outcomes.generatedTokens(request);
        begin = Math.min(begin, outcomes.arrival(request));
        end = Math.max(end, outcomes.finish(request));
      }
    }
    var rounds = new ArrayList<RequestGroup>();
    var gaps = new LatencyHistogram();
    for (int round = 0; round < Rounds.CLASSES; round++) {
      LatencyHistogram own = run.gaps().round(round, firstWindow);
      gaps.add(own);
      RequestGroup group = byRound.get(round).build(Rounds.label(round), own);
      if (group.requests() > 0) {
        rounds.add(group);
      }
    }
    RequestGroup counted = all.build("all", gaps);
    return new ServingSummary(
        run,
        settled,
        firstWindow,
        counted,
        rounds,
        windows(run, input),
        tokens / (end - begin),
        counted.requests() / (end - begin),
        joules(run) / allTokens);
  }

  private static List<RequestGroup> windows(ServingRun run, RequestGroup.InputTokens input) {
    var groups = new ArrayList<RequestGroup>();
    for (int window = 0; window < run.windows().count(); window++) {
      var group = new RequestGroup.Builder(run.outcomes(), input);
      for (int i = run.windows().first(window); i < run.windows().first(window + 1); i++) {
        group.add(run.outcomes().byArrival(i));
      }
      groups.add(group.build(Integer.toString(window), run.gaps().window(window)));
    }
    return groups;
  }

  /** The first window in which neither the cache nor the queue is still filling. */
  private static OptionalInt firstSettled(ServingRun run, Trace trace) {
    Outcomes outcomes = run.outcomes();
    int requests = outcomes.requests();
    double[] waits = new double[requests];
    double[] hits = new double[requests];
    for (int i = 0; i < requests; i++) {
      int request = outcomes.byArrival(i);
      waits[i] = outcomes.timeToFirstToken(request);
      double found = outcomes.cachedTokens(request);
      for (TierSize.Place place : TierSize.Place.values()) {
        found += outcomes.restoredTokens(request, place);
      }
      hits[i] =
          outcomes.refused(request) ? Double.NaN : found / Math.max(1, trace.inputTokens(request));
    }
    OptionalInt settled = WarmUp.end(waits, hits);
    if (settled.isEmpty()) {
      return settled;
    }
    int window = 0;
    while (run.windows().first(window) < settled.getAsInt()) {
      window++;
    }
    return OptionalInt.of(window);
  }

  private static double joules(ServingRun run) {
    Hardware.Energy energy = run.config().device().energy();
    ServingRun.Totals totals = run.totals();
    double overLink = totals.restoredBytes() + totals.selectedBytes() + totals.swappedBytes();
    return energy.idleWatts() * run.config().gpus() * run.config().replicas() * totals.seconds()
        + energy.joulesPerFlop() * totals.operations()
        + energy.joulesPerByte() * totals.memoryBytes()
        + energy.joulesPerLinkByte() * (overLink + totals.keptBytes());
  }
}
