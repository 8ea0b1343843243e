package org.kvcache.sim.serving;

import java.util.Arrays;
import java.util.List;
import org.kvcache.sim.metrics.LatencyHistogram;
import org.kvcache.sim.metrics.Percentiles;

/**
 * Some of a run's requests together; those that were refused are not among them.
 *
 * @param label which ones
 * @param timeToFirstToken seconds, of each request
 * @param gaps seconds between tokens, of each token but the first of each request
 * @param endToEnd seconds from arrival to last token, of each request
 * @param meanArrival seconds from the begin of the run; NaN if there is no request
 * @param inputTokens of all prompts
 * @param cachedTokens of the prompts, found on the GPU
 * @param restoredTokens of the prompts, by the place of the tier that had them
 */
public record RequestGroup(
    String label,
    Percentiles timeToFirstToken,
    LatencyHistogram gaps,
    Percentiles endToEnd,
    double meanArrival,
    long inputTokens,
    long cachedTokens,
    List<Long> restoredTokens) {

  /** Copies the list. */
  public RequestGroup {
    restoredTokens = List.copyOf(restoredTokens);
  }

  /** Number of requests. */
  public int requests() {
    return timeToFirstToken.count();
  }

  /** Share of the prompts' tokens that were found on the GPU. */
  public double cachedShare() {
    return inputTokens == 0 ? 0 : (double) cachedTokens / inputTokens;
  }

  /** Share of the prompts' tokens that came from a lower tier. */
  public double restoredShare(TierSize.Place place) {
    return inputTokens == 0 ? 0 : (double) restoredTokens.get(place.ordinal()) / inputTokens;
  }

  /** Adds up requests one by one. */
  static final class Builder {
    private static final TierSize.Place[] PLACES = TierSize.Place.values();

    private final Outcomes outcomes;
    private final InputTokens input;
    private double[] first = new double[64];
    private double[] whole = new double[64];
    private int count;
    private double arrivals;
    private long inputTokens;
    private long cached;
    private final long[] restored = new long[TierSize.Place.values().length];

    Builder(Outcomes outcomes, InputTokens input) {
      this.outcomes = outcomes;
      this.input = input;
    }

    void add(int request) {
      if (outcomes.refused(request)) {
        return;
      }
      if (count == first.length) {
        first = Arrays.copyOf(first, count * 2);
        whole = Arrays.copyOf(whole, count * 2);
      }
      first[count] = outcomes.timeToFirstToken(request);
      whole[count] = outcomes.timeToLastToken(request);
      count++;
      arrivals += outcomes.arrival(request);
      inputTokens += input.of(request);
      cached += outcomes.cachedTokens(request);
      for (TierSize.Place place : PLACES) {
        restored[place.ordinal()] += outcomes.restoredTokens(request, place);
      }
    }

    RequestGroup build(String label, LatencyHistogram gaps) {
      return new RequestGroup(
          label,
          Percentiles.of(Arrays.copyOf(first, count)),
          gaps,
          Percentiles.of(Arrays.copyOf(whole, count)),
          arrivals / count,
          inputTokens,
          cached,
          Arrays.stream(restored).boxed().toList());
    }
  }

  /** Tokens of a request's prompt. */
  interface InputTokens {
    int of(int request);
  }
}
