package org.kvcache.sim.trace;

/** Hands out block ids that were never used before. */
final class IdSource {
  private long next;

  /** One new id. */
  long next() {
    return next++;
  }

  /** The first of {@code count} new consecutive ids. */
  long reserve(int count) {
    long first = next;
    next += count;
    return first;
  }
}
