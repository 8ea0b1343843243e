package org.kvcache.sim.report;

import java.util.StringJoiner;

/**
 * A part of the work that gave no result.
 *
 * @param trace name or source of the trace
 * @param policy the policy, or empty if it concerns all
 * @param capacity the capacity as the user wrote it, or empty if it concerns all
 * @param message one sentence for the user
 */
public record Failure(String trace, String policy, String capacity, String message) {

  /** The sentence with what it is about before it. */
  public String sentence() {
    if (policy.isEmpty()) {
      return message;
    }
    var about = new StringJoiner(" ", "", ": ");
    about.add(trace).add(policy);
    if (!capacity.isEmpty()) {
      about.add("at " + capacity);
    }
    return about + message;
  }
}
