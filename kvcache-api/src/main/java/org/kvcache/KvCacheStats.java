package org.kvcache;

import java.util.List;

/**
 * A snapshot of a {@link KvCache}.
 *
 * @param blocks what is in memory, in blocks
 * @param blockBytes bytes of one encoded block, all layers and heads
 * @param memoryBytes bytes of the block memory
 * @param stagedBytes bytes of binary32 rows waiting to be encoded
 * @param openSequences sequences not closed
 * @param leakedSequences sequences and pins that were dropped unclosed and taken back
 * @param queriedTokens prompt tokens that {@link KvCache#begin} looked up
 * @param memoryHitTokens of these, found in memory
 * @param promotedTokens of these, found in a farther tier and brought back
 * @param committedTokens tokens committed by engines, which they computed
 * @param retrieval what blocks chose of their prefixes
 * @param tiers the tiers behind memory, near to far
 */
public record KvCacheStats(
    BlockManagerStats blocks,
    long blockBytes,
    long memoryBytes,
    long stagedBytes,
    int openSequences,
    long leakedSequences,
    long queriedTokens,
    long memoryHitTokens,
    long promotedTokens,
    long committedTokens,
    RetrievalStats retrieval,
    List<TierStats> tiers) {

  /** Copies the list. */
  public KvCacheStats {
    tiers = List.copyOf(tiers);
  }

  /** Share of the queried tokens that need not be computed; 0 before the first query. */
  public double hitRate() {
    return queriedTokens == 0 ? 0 : (double) (memoryHitTokens + promotedTokens) / queriedTokens;
  }
}
