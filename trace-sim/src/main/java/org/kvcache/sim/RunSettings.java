package org.kvcache.sim;

import org.jspecify.annotations.Nullable;

/**
 * How a trace is replayed.
 *
 * @param mode chains or plain keys
 * @param window requests that run at once; 0 and 1 both mean one after the other
 * @param hintAccuracy how often the flag "this session has ended", given with every request, is
 *     right, within 0 and 1; null gives no hints
 * @param seed of the policies and of wrong hints
 * @param statePoints how often to record the policy's state over the run; 0 for never
 */
public record RunSettings(
    Mode mode, int window, @Nullable Double hintAccuracy, long seed, int statePoints) {

  /** What a reference is. */
  public enum Mode {
    /** A request is a chain; only its leading run of cached blocks hits. */
    PREFIX,
    /** Each block id is an access of its own. */
    FLAT
  }

  /** Checks the numbers. */
  public RunSettings {
    if (window < 0) {
      throw new IllegalArgumentException("window is " + window + "; it must be 0 or more");
    }
    if (hintAccuracy != null && !(hintAccuracy >= 0 && hintAccuracy <= 1)) {
      throw new IllegalArgumentException(
          "hint accuracy is " + hintAccuracy + "; it must be within 0 and 1");
    }
    if (statePoints < 0) {
      throw new IllegalArgumentException("statePoints is " + statePoints + "; 0 is the least");
    }
    if (mode == Mode.FLAT && hintAccuracy != null) {
      throw new IllegalArgumentException("hints need requests; leave out --flat or --hints");
    }
  }

  /** Chains, one request at a time, no hints. */
  public static RunSettings prefix() {
    return new RunSettings(Mode.PREFIX, 0, null, 0, 0);
  }

  /** Plain keys. */
  public static RunSettings flat() {
    return new RunSettings(Mode.FLAT, 0, null, 0, 0);
  }
}
