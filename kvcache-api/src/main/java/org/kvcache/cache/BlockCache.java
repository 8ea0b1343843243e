package org.kvcache.cache;

import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;

/** {@link KvCache}. */
public final class BlockCache {

  private BlockCache() {}

  /** Opens a cache; engines call {@link KvCache#open}. */
  public static KvCache open(KvCacheConfig config) {
    if (config.staged()) {
      throw new IllegalArgumentException("being written");
    }
    throw new IllegalStateException("being written");
  }
}
