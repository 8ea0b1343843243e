package org.kvcache.sim.serving;

import java.util.Locale;

/** In which order the requests of a batch are taken, where nothing else says who is next. */
public enum Order {
  /** As the trace has them. */
  ARRIVAL,
  /**
   * The one with the most cached tokens at that moment, of equal ones the first of the trace; what
   * SGLang's scheduler calls LPM.
   */
  LONGEST_PREFIX,
  /**
   * Depth first through the tree of prefixes: the requests that end with a block in the order of
   * the trace, then those that go on behind it, continuations in the order in which they first
   * appear. Requests without blocks come first. If the longest request fits the cache, no order
   * finds more in it.
   */
  DEPTH_FIRST;

  /** Whether the order is known before the first request is served. */
  public boolean isStatic() {
    return this != LONGEST_PREFIX;
  }

  /** As the command line and reports write it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
