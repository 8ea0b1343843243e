package org.kvcache.sim.serving;

/**
 * Equal parts of a trace's requests in their order, for what is shown over time and for where a run
 * has settled.
 *
 * @param requests of the trace
 * @param count parts, fewer than asked for if there are fewer requests
 */
public record Windows(int requests, int count) {
  private static final int MOST = 40;

  static Windows over(int requests) {
    return new Windows(requests, Math.min(MOST, requests));
  }

  /** The window of a request. */
  public int of(int request) {
    return (int) ((long) request * count / requests);
  }

  /** The first request of a window; of the one after the last, the number of requests. */
  public int first(int window) {
    return (int) (((long) window * requests + count - 1) / count);
  }
}
