package org.kvcache.kernels.device;

/** Into how many parts the tokens of a sequence are split, so that all of a device works. */
final class Splits {

  /** Tokens below which a part is not worth its reduction. */
  static final int LEAST_TOKENS = 256;

  private static final int BLOCKS_PER_MULTIPROCESSOR = 2;
  private static final int MOST = 256;

  private Splits() {}

  /**
   * The least number that gives each multiprocessor two blocks, but parts of {@value #LEAST_TOKENS}
   * tokens at least. It depends on shapes only, so that sums are always in the same order.
   *
   * @param tiles blocks of threads without splitting
   * @param tokens the longest context, fresh tokens included
   */
  static int of(long tiles, long tokens, int multiprocessors) {
    long wanted = Math.ceilDiv((long) BLOCKS_PER_MULTIPROCESSOR * multiprocessors, tiles);
    long possible = Math.max(1, tokens / LEAST_TOKENS);
    return (int) Math.min(Math.min(wanted, possible), MOST);
  }
}
