package org.kvcache;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A snapshot of a {@link BlockManager}.
 *
 * @param slots all slots
 * @param freeSlots slots that hold nothing
 * @param cachedBlocks published blocks, pinned or not
 * @param pinnedBlocks published blocks that an open table refers to
 * @param privateBlocks slots of open tables that are not published yet
 * @param ghosts keys remembered without bytes
 * @param openTables tables that hold a sequence
 * @param queriedBlocks blocks asked for by {@link BlockManager#match}
 * @param hitBlocks blocks it found
 * @param storedBlocks blocks published
 * @param ghostHits blocks allocated whose key the policy remembered from before their eviction
 * @param evictedDemoted blocks evicted and offered to a lower tier
 * @param evictedDeleted blocks evicted and gone
 * @param refusals allocations that found no room
 * @param leakedTables tables that were dropped unclosed and taken back
 * @param lastEvent sequence number of the last {@link KvEvent}, 0 if none was made
 * @param policy name of the policy
 * @param policyState its inner state by name
 * @param whatIf estimated block hit rates of other capacities under the same policy and traffic;
 *     empty if switched off
 */
public record BlockManagerStats(
    int slots,
    int freeSlots,
    int cachedBlocks,
    int pinnedBlocks,
    int privateBlocks,
    int ghosts,
    int openTables,
    long queriedBlocks,
    long hitBlocks,
    long storedBlocks,
    long ghostHits,
    long evictedDemoted,
    long evictedDeleted,
    long refusals,
    long leakedTables,
    long lastEvent,
    String policy,
    Map<String, Double> policyState,
    List<WhatIf> whatIf) {

  /** Copies the collections. */
  public BlockManagerStats {
    policyState = Collections.unmodifiableMap(new LinkedHashMap<>(policyState));
    whatIf = List.copyOf(whatIf);
  }

  /** Hit blocks over queried blocks; 0 before the first query. */
  public double hitRate() {
    return queriedBlocks == 0 ? 0 : (double) hitBlocks / queriedBlocks;
  }

  /**
   * One point of the what-if curve.
   *
   * @param slots the capacity asked about
   * @param hitRate the block hit rate it would have, estimated on a sample of the keys, within 0
   *     and 1
   */
  public record WhatIf(int slots, double hitRate) {}
}
