package org.kvcache;

/**
 * Which keys a query of a layer sees: the first {@code sinks} tokens and the last {@code window}
 * ones up to and with its own. Gemma, Mistral and gpt-oss have such layers; attention sinks are of
 * StreamingLLM (Xiao et al. 2023). Keys outside are not read.
 *
 * @param sinks leading tokens that are always seen, 0 or more
 * @param window trailing tokens that are seen, 1 or more
 */
public record AttentionWindow(int sinks, int window) {

  /** Every key. */
  public static final AttentionWindow ALL = new AttentionWindow(0, Integer.MAX_VALUE);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is below its least value
   */
  public AttentionWindow {
    if (sinks < 0 || window < 1) {
      throw new IllegalArgumentException(
          "%d sinks and a window of %d tokens; at least 0 and 1 are needed"
              .formatted(sinks, window));
    }
  }

  /** The last {@code tokens} tokens. */
  public static AttentionWindow sliding(int tokens) {
    return new AttentionWindow(0, tokens);
  }

  /** The first token of the trailing window for a query that sees {@code length} tokens. */
  public int windowStart(int length) {
    return Math.max(0, length - window);
  }

  /** One past the last sink that is not in the trailing window. */
  public int sinksEnd(int length) {
    return Math.min(sinks, windowStart(length));
  }
}
