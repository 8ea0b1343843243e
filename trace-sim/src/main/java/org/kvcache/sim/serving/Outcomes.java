package org.kvcache.sim.serving;

import java.util.Arrays;

/**
 * What became of each request, by its number in the trace. Times are in seconds from the begin of
 * the run; {@link Double#NaN} where a request never came so far.
 */
public final class Outcomes {
  final double[] arrival;
  final double[] admitted;
  final double[] firstToken;
  final double[] finish;

  // Tokens of the prompt by where they were found when the request was first admitted.
  final int[] cached;
  final int[][] restored = new int[TierSize.Place.values().length][];

  /** Rows that were computed before tokens of the answer, again after a preemption. */
  final int[] computed;

  final int[] generated;
  final int[] preemptions;

  /** Requests in order of arrival, and where each of them is in it. */
  private final int[] byArrival;

  private final int[] position;
  private int arrived;

  Outcomes(int requests) {
    arrival = unknown(requests);
    admitted = unknown(requests);
    firstToken = unknown(requests);
    finish = unknown(requests);
    cached = new int[requests];
    for (int i = 0; i < restored.length; i++) {
      restored[i] = new int[requests];
    }
    computed = new int[requests];
    generated = new int[requests];
    preemptions = new int[requests];
    byArrival = new int[requests];
    position = new int[requests];
  }

  void arrived(int request, double now) {
    arrival[request] = now;
    byArrival[arrived] = request;
    position[request] = arrived++;
  }

  /** How many requests arrived before this one. */
  int position(int request) {
    return position[request];
  }

  /** The request before which {@code position} others arrived. */
  public int byArrival(int position) {
    return byArrival[position];
  }

  private static double[] unknown(int requests) {
    double[] times = new double[requests];
    Arrays.fill(times, Double.NaN);
    return times;
  }

  /** Number of requests. */
  public int requests() {
    return arrival.length;
  }

  /** When the request arrived. */
  public double arrival(int request) {
    return arrival[request];
  }

  /** When it first got room. */
  public double admitted(int request) {
    return admitted[request];
  }

  /** When its first token left. */
  public double firstToken(int request) {
    return firstToken[request];
  }

  /** When its last token left. */
  public double finish(int request) {
    return finish[request];
  }

  /** Seconds from arrival to the first token. */
  public double timeToFirstToken(int request) {
    return firstToken[request] - arrival[request];
  }

  /** Seconds from arrival to the last token. */
  public double timeToLastToken(int request) {
    return finish[request] - arrival[request];
  }

  /** Whether the request was longer than the cache, and so turned away. */
  public boolean refused(int request) {
    return Double.isNaN(finish[request]);
  }

  /** Tokens of the prompt that were on the GPU when it was first admitted. */
  public int cachedTokens(int request) {
    return cached[request];
  }

  /** Tokens of the prompt that came from a lower tier then. */
  public int restoredTokens(int request, TierSize.Place place) {
    return restored[place.ordinal()][request];
  }

  /** Tokens computed as prompt, those that a preemption made necessary included. */
  public int computedTokens(int request) {
    return computed[request];
  }

  /** Tokens that left. */
  public int generatedTokens(int request) {
    return generated[request];
  }

  /** How often it gave way to others. */
  public int preemptions(int request) {
    return preemptions[request];
  }
}
