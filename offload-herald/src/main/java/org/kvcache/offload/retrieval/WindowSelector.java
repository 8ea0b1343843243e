package org.kvcache.offload.retrieval;

import org.kvcache.spi.PageSelector;
import org.kvcache.spi.PagedKv;

/**
 * Chooses the first pages and the last.
 *
 * @param pageTokens tokens of a page
 * @param sinkPages how many of the first
 */
record WindowSelector(int pageTokens, int sinkPages) implements PageSelector {

  @Override
  public int select(
      PagedKv prefix,
      int tokens,
      float[] q,
      int qOffset,
      int qStride,
      int queryTokens,
      int count,
      int[] chosen) {
    int pages = tokens / pageTokens;
    int all = Math.min(count, pages);
    for (int i = 0; i < all; i++) {
      chosen[i] = i < sinkPages ? i : pages - all + i;
    }
    return all;
  }

  @Override
  public float mass() {
    return Float.NaN;
  }

  @Override
  public float massOf(int[] pages, int count) {
    return Float.NaN;
  }
}
