package org.kvcache.offload;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Leaves something broken alone for a while: a second after the first failure, twice as long after
 * each further one, a minute at most. One thread reports, any thread asks.
 */
final class Pause {

  private static final long SHORTEST = TimeUnit.SECONDS.toNanos(1);
  private static final long LONGEST = TimeUnit.MINUTES.toNanos(1);

  private final LongSupplier nanoTime;
  private volatile boolean failing;
  private volatile long until;
  private long length = SHORTEST;

  Pause(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** True while it should be left alone. */
  boolean isOn() {
    return failing && until - nanoTime.getAsLong() > 0;
  }

  /**
   * It failed.
   *
   * @return true if it had worked before
   */
  boolean failed() {
    boolean first = !failing;
    until = nanoTime.getAsLong() + length;
    length = Math.min(2 * length, LONGEST);
    failing = true;
    return first;
  }

  /**
   * It worked.
   *
   * @return true if it had failed before
   */
  boolean worked() {
    boolean recovered = failing;
    failing = false;
    length = SHORTEST;
    return recovered;
  }
}
