package org.kvcache.sim.trace;

/** What a generator makes: requests in order of arrival, the same for the same seed. */
interface Workload {
  /** Fills {@code into} with the next request; false when there are no more. */
  boolean next(Request into);

  /** Tokens per block. */
  int blockTokens();
}
