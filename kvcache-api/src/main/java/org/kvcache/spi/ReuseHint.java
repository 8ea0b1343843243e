package org.kvcache.spi;

/** What an application can say about the future of a sequence's blocks. */
public enum ReuseHint {
  /** Nothing is known. */
  NONE,
  /** The session is over: its own blocks will not be used again. */
  ENDED,
  /** The session will go on, for example after a tool call. */
  EXPECTED
}
