package org.kvcache.cache;

import java.util.function.UnaryOperator;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvShape;
import org.kvcache.LeakDetection;

/** Small caches for tests. */
final class Caches {

  static final KvShape SHAPE = KvShape.of(2, 2, 4, 4);
  static final int BLOCK = 4;

  /** Bytes of one block in the scheme {@code plain}. */
  static final long BLOCK_BYTES = SHAPE.floatBytesPerToken() * BLOCK;

  private Caches() {}

  static KvCache open(int blocks, UnaryOperator<KvCacheConfig.Builder> more) {
    return KvCache.open(config(blocks, more));
  }

  static KvCacheConfig config(int blocks, UnaryOperator<KvCacheConfig.Builder> more) {
    var builder =
        KvCacheConfig.builder()
            .shape(SHAPE)
            .blockTokens(BLOCK)
            .memory(blocks * BLOCK_BYTES)
            .scheme("plain")
            .policy("leaf-lru")
            .backend("plain")
            .leakDetection(LeakDetection.OFF);
    return more.apply(builder).build();
  }

  static int[] tokens(String text) {
    return text.chars().toArray();
  }
}
