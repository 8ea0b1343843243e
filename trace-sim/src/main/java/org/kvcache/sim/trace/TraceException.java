package org.kvcache.sim.trace;

import org.jspecify.annotations.Nullable;

/**
 * A trace that cannot be read, written or generated as asked. The message is one sentence for the
 * user: where, what is wrong, how to mend it.
 */
public final class TraceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes an exception without a cause.
   *
   * @param message one sentence for the user
   */
  public TraceException(String message) {
    super(message);
  }

  /**
   * Makes an exception that keeps what led to it.
   *
   * @param message one sentence for the user
   * @param cause the failure below, kept for debugging
   */
  public TraceException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** An error at a line (or record, counted from 1) of a file. */
  static TraceException at(String file, long line, String problem) {
    return new TraceException(file + ":" + line + ": " + problem);
  }

  /** An error at a line of a file, with its cause. */
  static TraceException at(String file, long line, String problem, @Nullable Throwable cause) {
    return new TraceException(file + ":" + line + ": " + problem, cause);
  }
}
