package org.kvcache.sim.serving;

/**
 * How a replica fills its passes.
 *
 * @param maxSequences sequences that run at once
 * @param passTokens rows of a pass: every sequence that decodes takes its step, and chunks of
 *     prompts what is left
 * @param preemption what becomes of a sequence whose blocks others need to go on
 * @param watermark share of the slots that a new sequence must leave to the running ones
 */
public record Batching(int maxSequences, int passTokens, Preemption preemption, double watermark) {
  /** What servers do if nothing is said. */
  public static final Batching DEFAULT = new Batching(256, 8192, Preemption.RECOMPUTE, 0.01);

  /** What becomes of a sequence that must give way. */
  public enum Preemption {
    /** Its blocks go, what is not found in the cache again is computed again. */
    RECOMPUTE,
    /** Its keys and values wait on the host. */
    SWAP
  }

  /** Checks the numbers. */
  public Batching {
    if (maxSequences < 1) {
      throw new IllegalArgumentException("sequences is " + maxSequences + "; 1 is the least");
    }
    if (passTokens < 1) {
      throw new IllegalArgumentException("pass tokens is " + passTokens + "; 1 is the least");
    }
    if (!(watermark >= 0 && watermark < 1)) {
      throw new IllegalArgumentException(
          "watermark is " + watermark + "; it must be from 0 to below 1");
    }
  }
}
