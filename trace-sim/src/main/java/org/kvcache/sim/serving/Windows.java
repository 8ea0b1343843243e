package org.kvcache.sim.serving;

/**
 * Equal parts of a trace's requests in order of arrival, for what is shown over time and for where
 * a run has settled.
 *
 * @param requests of the trace
 * @param count parts, fewer than asked for if there are fewer requests
 */
public record Windows(int requests, int count) {
  private static final int MOST = 40;

  static Windows over(int requests) {
    return new Windows(requests, Math.min(MOST, requests));
  }

  /** The window of the request before which {@code position} others arrived. */
  public int of(int position) {
    return (int) ((long) position * count / requests);
  }

  /** Requests that arrive before a window; for the one after the last, all requests. */
  public int first(int window) {
    return (int) (((long) window * requests + count - 1) / count);
  }
}
