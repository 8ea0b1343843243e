package org.kvcache.sim;

import org.kvcache.sim.trace.ChainKeys;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;

/**
 * Plain keys through a policy alone, as the literature's simulators do: one access per block id, no
 * chains, no pins. Block numbers serve as entries, so nothing is hashed.
 */
final class FlatReplay implements Replay {

  private final FlatStream stream;
  private final int capacity;
  private final long seed;
  private final EvictionPolicy policy;
  private final boolean[] resident;

  FlatReplay(FlatStream stream, PolicySpec spec, int capacity, long seed) {
    this.stream = stream;
    this.capacity = capacity;
    this.seed = seed;
    resident = new boolean[stream.uniqueBlocks()];
    policy = spec.factory().apply(new Context());
  }

  @Override
  public Counts run() {
    long hits = 0;
    long evictions = 0;
    int free = capacity;
    for (int block : stream.blocks()) {
      if (resident[block]) {
        hits++;
        policy.hit(block);
      } else {
        policy.miss(block);
        if (free == 0) {
          int victim = policy.victim();
          resident[victim] = false;
          policy.evict(victim);
          evictions++;
        } else {
          free--;
        }
        resident[block] = true;
        policy.insert(block);
      }
      policy.release(block, true);
    }
    return Counts.of(hits, hits * stream.blockTokens(), evictions);
  }

  private final class Context implements PolicyContext {
    @Override
    public int capacity() {
      return capacity;
    }

    @Override
    public int maxEntries() {
      return stream.uniqueBlocks();
    }

    @Override
    public long keyHash(int entry) {
      return ChainKeys.key(entry);
    }

    @Override
    public long seed() {
      return seed;
    }

    @Override
    public void forget(int ghost) {
      // A block number is never another key, so there is nothing to take back.
    }
  }
}
