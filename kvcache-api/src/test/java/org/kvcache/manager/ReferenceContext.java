package org.kvcache.manager;

import org.kvcache.BlockKey;
import org.kvcache.BlockManagerConfig;
import org.kvcache.spi.EntryIndex;
import org.kvcache.spi.PolicyContext;

/** What the policy of a {@link ReferencePool} sees. */
record ReferenceContext(ReferencePool pool, BlockManagerConfig config) implements PolicyContext {
  @Override
  public int capacity() {
    return config.slots();
  }

  @Override
  public int maxEntries() {
    return config.policy().maxEntries(config.slots());
  }

  @Override
  public long keyHash(int entry) {
    BlockKey key = pool.byId(entry).key;
    return EntryIndex.hash(key.hi(), key.lo());
  }

  @Override
  public long seed() {
    return config.seed();
  }

  @Override
  public void forget(int ghost) {
    pool.forget(pool.byId(ghost));
  }
}
