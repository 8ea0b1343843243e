package org.kvcache.sim.trace;

/**
 * What part of a trace to load.
 *
 * @param noPartial drop the last block of a request when the prompt fills it only partly; engines
 *     that share only full blocks never look it up
 * @param maxRequests stop after so many requests, at least 1
 */
public record TraceOptions(boolean noPartial, long maxRequests) {
  /** Everything. */
  public static final TraceOptions ALL = new TraceOptions(false, Long.MAX_VALUE);

  /** Checks the bounds. */
  public TraceOptions {
    if (maxRequests < 1) {
      throw new TraceException(
          "the number of requests to load is " + maxRequests + "; it must be 1 or more");
    }
  }

  /** The same with {@link #noPartial} set as given. */
  public TraceOptions withNoPartial(boolean drop) {
    return new TraceOptions(drop, maxRequests);
  }

  /** The same with another {@link #maxRequests}. */
  public TraceOptions withMaxRequests(long limit) {
    return new TraceOptions(noPartial, limit);
  }
}
