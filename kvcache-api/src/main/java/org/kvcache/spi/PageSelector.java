package org.kvcache.spi;

/**
 * Chooses pages of the prefix of one layer and KV head of one sequence. A page is {@link
 * SelectorContext#pageTokens} tokens: a block of the cache, or one token. Used by one thread at a
 * time; allocates nothing in {@link #select} once it has seen the longest prefix.
 */
public interface PageSelector {

  /**
   * The blocks {@code [from, to)} of the prefix are there now and will not change: the moment to
   * keep statistics or a copy of their keys. Called in order, each block once.
   *
   * @param prefix its encoded blocks are those of the prefix
   */
  default void add(PagedKv prefix, int from, int to) {}

  /** The blocks from {@code blocks} on are gone. */
  default void truncate(int blocks) {}

  /**
   * Chooses.
   *
   * @param prefix what may be chosen from; its blocks are those of {@link #add}
   * @param tokens leading tokens of it that may be chosen, a whole number of blocks
   * @param q queries of the block: of token {@code t} and head {@code g} of the group, {@code
   *     headDim} elements from {@code qOffset + t * qStride + g * headDim} on
   * @param queryTokens tokens of the block
   * @param count pages to choose, at least 1; all there are if it is more
   * @param chosen receives the pages in rising order
   * @return how many were chosen: the lesser of {@code count} and the pages there are
   */
  int select(
      PagedKv prefix,
      int tokens,
      float[] q,
      int qOffset,
      int qStride,
      int queryTokens,
      int count,
      int[] chosen);

  /**
   * What share of the attention that the asked queries pay to the prefix falls on the pages of the
   * last {@link #select}, within 0 and 1; NaN if it does not know.
   */
  float mass();

  /**
   * The share that falls on given pages instead, for comparisons; NaN if it does not know.
   *
   * @param pages in rising order
   */
  float massOf(int[] pages, int count);
}
