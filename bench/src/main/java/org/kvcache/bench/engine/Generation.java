package org.kvcache.bench.engine;

import java.util.Arrays;

/** What came of one prompt. */
public final class Generation {

  private final int[] tokens;
  private final int promptTokens;
  private final int cachedTokens;
  private final long firstTokenNanos;

  Generation(int[] tokens, int promptTokens, int cachedTokens, long firstTokenNanos) {
    this.tokens = tokens;
    this.promptTokens = promptTokens;
    this.cachedTokens = cachedTokens;
    this.firstTokenNanos = firstTokenNanos;
  }

  /** The tokens after the prompt. */
  public int[] answer() {
    return Arrays.copyOfRange(tokens, promptTokens, tokens.length);
  }

  /** Tokens of the prompt. */
  public int promptTokens() {
    return promptTokens;
  }

  /** Tokens of the prompt that were stored and not computed. */
  public int cachedTokens() {
    return cachedTokens;
  }

  /** Time to the first token of the answer. */
  public long firstTokenNanos() {
    return firstTokenNanos;
  }
}
