package org.kvcache.offload;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Whether a server is worth asking. After three failures in five calls it is left alone for a
 * while; then one call may try, and its result decides. Counts failures and logs the first of a
 * row. Thread-safe.
 */
final class Outages {

  private static final Logger LOGGER = System.getLogger(Outages.class.getName());
  private static final int WINDOW_CALLS = 5;
  private static final int FAILED_CALLS = 3;

  private final String server;
  private final Duration retryAfter;
  private final CircuitBreaker breaker;
  private final AtomicLong failures = new AtomicLong();
  private final AtomicBoolean failing = new AtomicBoolean();
  private final AtomicBoolean refusing = new AtomicBoolean();
  private volatile long refusedAt;

  Outages(String server, Duration retryAfter) {
    this.server = server;
    this.retryAfter = retryAfter;
    this.breaker =
        CircuitBreaker.of(
            server,
            CircuitBreakerConfig.custom()
                .slidingWindow(WINDOW_CALLS, FAILED_CALLS, SlidingWindowType.COUNT_BASED)
                .failureRateThreshold(100f * FAILED_CALLS / WINDOW_CALLS)
                .permittedNumberOfCallsInHalfOpenState(1)
                .waitDurationInOpenState(retryAfter)
                .build());
  }

  /**
   * True if a call may ask the server. It must then tell how that went: {@link #succeeded}, {@link
   * #failed} or {@link #gaveUp}.
   */
  boolean mayAsk() {
    return breaker.tryAcquirePermission();
  }

  void succeeded() {
    breaker.onSuccess(0, NANOSECONDS);
    if (failing.compareAndSet(true, false)) {
      LOGGER.log(Level.INFO, "Redis at {0} answers again", server);
    }
  }

  void failed(RuntimeException cause) {
    failures.incrementAndGet();
    breaker.onError(0, NANOSECONDS, cause);
    if (failing.compareAndSet(false, true)) {
      LOGGER.log(
          Level.WARNING,
          "Redis at {0} failed, its blocks are misses: {1}",
          server,
          firstLine(cause));
    }
  }

  /** The call ended for a reason that says nothing of the server. */
  void gaveUp() {
    breaker.releasePermission();
  }

  /** True if a store may be tried: the server did not refuse one lately. */
  boolean mayStore() {
    return !refusing.get() || System.nanoTime() - refusedAt >= retryAfter.toNanos();
  }

  /** The server takes blocks. */
  void accepted() {
    if (refusing.compareAndSet(true, false)) {
      LOGGER.log(Level.INFO, "Redis at {0} takes blocks again", server);
    }
  }

  /** The server answers, and does not take a block: it is full, or read-only. */
  void refused(RuntimeException cause) {
    failures.incrementAndGet();
    refusedAt = System.nanoTime();
    if (refusing.compareAndSet(false, true)) {
      LOGGER.log(Level.WARNING, "Redis at {0} takes no blocks: {1}", server, firstLine(cause));
    }
  }

  /** False from the failures that were too many until a call succeeds. */
  boolean isAvailable() {
    return breaker.getState() == CircuitBreaker.State.CLOSED;
  }

  long failures() {
    return failures.get();
  }

  private static String firstLine(RuntimeException cause) {
    return cause.toString().lines().findFirst().orElse("");
  }
}
