package org.kvcache.offload.retrieval;

/**
 * Asks the queries of a few tokens that are spread over the block: one at its centre, or so that
 * each stands for a stretch of the same length.
 *
 * @param tokenFloats floats of the queries of a token
 * @param most tokens to ask; 0 for all
 */
record SpreadQueries(int tokenFloats, int most) implements QueryChoice {

  @Override
  public int ask(float[] q, int offset, int stride, int tokens, float[] asked) {
    int count = most == 0 ? tokens : Math.min(most, tokens);
    for (int i = 0; i < count; i++) {
      int from = offset + position(i, count, tokens) * stride;
      System.arraycopy(q, from, asked, i * tokenFloats, tokenFloats);
    }
    return count;
  }

  /** Token {@code i} of {@code count} in a block; of 16, 8 or 4, 11 or 1, 5, 9, 13. */
  static int position(int i, int count, int tokens) {
    return switch (count) {
      case 1 -> tokens / 2;
      case 2 -> i == 0 ? tokens / 4 : tokens - 1 - tokens / 4;
      default -> ((2 * i + 1) * tokens - count) / (2 * count);
    };
  }
}
