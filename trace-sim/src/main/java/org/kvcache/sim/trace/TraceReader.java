package org.kvcache.sim.trace;

/**
 * A stream of requests in order of arrival. Readers are single-pass and not thread-safe; nothing is
 * kept of a request after the next one was read, except what a format needs to name sessions.
 */
public interface TraceReader extends AutoCloseable {
  /**
   * Fills {@code into} with the next request.
   *
   * @return false at the end of the trace; {@code into} is then unspecified
   * @throws TraceException if the input is malformed or cannot be read
   */
  boolean next(Request into);

  /** Tokens per block; 1 for traces that are plain key streams. */
  int blockTokens();

  /** Short name for tables and charts: the file name without its suffixes, or the generator. */
  String name();

  /** Releases the input; never throws. */
  @Override
  void close();
}
