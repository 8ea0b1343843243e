package org.kvcache.sim.serving;

/** How the steps of answers go into passes, and which tokens leave when they end. */
interface Decoder {

  /** Tokens that must have room in the cache before the sequence's next step. */
  int roomTokens(Sequence sequence);

  /** Tokens that the sequence will take in the cache at its end. */
  long finalTokens(Sequence sequence);

  /**
   * Whole tokens of GPU memory, beside the cache, while a prompt of {@code target} tokens, or a
   * prompt and an answer that broke off, is computed.
   */
  default double promptGpuTokens(long target) {
    return 0;
  }

  /** Whole tokens of GPU memory, beside the cache, while the answer is made. */
  default double answerGpuTokens(Sequence sequence) {
    return 0;
  }

  /** Whether the sequence can take part in a pass that starts now. */
  default boolean ready(Sequence sequence, double now) {
    return true;
  }

  /**
   * How many steps from the next one on are alike but for {@link #growth} and need no more than the
   * blocks it has, {@code roomTokens} tokens; at least 1.
   */
  default int steadySteps(Sequence sequence, int roomTokens) {
    return 1;
  }

  /** Tokens by which the context of each step is longer than that of the one before. */
  default int growth() {
    return 0;
  }

  /** Adds the sequence's next step. */
  void addStep(Pass pass, Sequence sequence);

  /** The pass is complete and starts now. */
  default void passStarts(Pass pass, double now) {}

  /** All before the answer is computed; returns the tokens that leave with it. */
  int promptDone(Sequence sequence, double now);

  /** A pass with the sequence's step ended; returns the tokens that leave with it. */
  int stepDone(Sequence sequence, double now);
}
