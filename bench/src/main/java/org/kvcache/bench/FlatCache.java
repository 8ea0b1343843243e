package org.kvcache.bench;

import org.kvcache.spi.EntryIndex;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;

/**
 * A policy alone, with block numbers for entries: nothing is hashed, so that what is measured is
 * the policy. The same calls as {@code kvcache simulate --flat} makes. Used once.
 */
final class FlatCache implements PolicyContext {

  private final int capacity;
  private final int uniqueBlocks;
  private final EvictionPolicy policy;
  private final boolean[] resident;
  private int free;

  FlatCache(PolicySpec spec, int capacity, int uniqueBlocks) {
    this.capacity = capacity;
    this.uniqueBlocks = uniqueBlocks;
    free = capacity;
    resident = new boolean[uniqueBlocks];
    policy = spec.factory().apply(this);
  }

  /** One access to each block in order; returns the hits. */
  long replay(int[] blocks) {
    long hits = 0;
    for (int block : blocks) {
      if (resident[block]) {
        hits++;
        policy.hit(block);
      } else {
        policy.miss(block);
        makeRoom();
        resident[block] = true;
        policy.insert(block);
      }
      policy.release(block, true);
    }
    return hits;
  }

  private void makeRoom() {
    if (free > 0) {
      free--;
      return;
    }
    int victim = policy.victim();
    resident[victim] = false;
    policy.evict(victim);
  }

  @Override
  public int capacity() {
    return capacity;
  }

  @Override
  public int maxEntries() {
    return uniqueBlocks;
  }

  @Override
  public long keyHash(int entry) {
    return EntryIndex.hash(0, entry);
  }

  @Override
  public long seed() {
    return 0;
  }

  @Override
  public void forget(int ghost) {
    // A block number is never another key.
  }
}
