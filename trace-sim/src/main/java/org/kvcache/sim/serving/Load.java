package org.kvcache.sim.serving;

import java.util.OptionalDouble;

/**
 * When requests arrive. A session's next turn never arrives before its last one is answered, unless
 * all come {@linkplain AtOnce at once}.
 */
public sealed interface Load {

  /**
   * At the trace's own times.
   *
   * @param speed how much faster than recorded, above 0
   */
  record Recorded(double speed) implements Load {
    /** Checks the speed. */
    public Recorded {
      positive("rate", speed, "times the recorded one, such as 1.5");
    }
  }

  /**
   * In the trace's order, as a Poisson process.
   *
   * @param requestsPerSecond on average, above 0
   */
  record Poisson(double requestsPerSecond) implements Load {
    /** Checks the rate. */
    public Poisson {
      positive("rate", requestsPerSecond, "requests a second, above 0");
    }
  }

  /**
   * By users who each run one session after the other and wait for every answer.
   *
   * @param users at once, at least 1
   * @param thinkSeconds mean of the exponential pause before each request; as long as the trace's
   *     own pauses if empty, and none between sessions
   */
  record Closed(int users, OptionalDouble thinkSeconds) implements Load {
    /** Checks the numbers. */
    public Closed {
      if (users < 1) {
        throw new IllegalArgumentException("users is " + users + "; give at least 1");
      }
      if (thinkSeconds.isPresent() && !(thinkSeconds.getAsDouble() >= 0)) {
        throw new IllegalArgumentException(
            "think is " + thinkSeconds.getAsDouble() + "; give 0 or more seconds");
      }
    }
  }

  /**
   * All at the begin: a batch, whose order is free. No turn waits for another, since the answers
   * that later prompts hold are known.
   *
   * @param order in which they are taken
   */
  record AtOnce(Order order) implements Load {}

  private static void positive(String name, double value, String need) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(name + " is " + value + "; it must be " + need);
    }
  }
}
