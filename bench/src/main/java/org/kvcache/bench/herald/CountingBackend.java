package org.kvcache.bench.herald;

import org.jspecify.annotations.Nullable;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.KeyScan;
import org.kvcache.spi.PagedKv;

/** Counts the queries that scans are asked with. Belongs to one thread. */
final class CountingBackend implements AttentionBackend {

  private final AttentionBackend backend;
  private long queries;

  CountingBackend(AttentionBackend backend) {
    this.backend = backend;
  }

  /** Queries of heads so far. */
  long queries() {
    return queries;
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public String summary() {
    return backend.summary();
  }

  @Override
  public int priority() {
    return backend.priority();
  }

  @Override
  public @Nullable String unavailable() {
    return backend.unavailable();
  }

  @Override
  public AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads) {
    return backend.kernel(codec, blockTokens, heads);
  }

  @Override
  public KeyScan scan(BlockCodec codec, int blockTokens, int count) {
    KeyScan scan = backend.scan(codec, blockTokens, count);
    return new KeyScan() {
      @Override
      public void query(float[] q, int offset) {
        queries += count;
        scan.query(q, offset);
      }

      @Override
      public void logits(PagedKv kv, int from, int to, float[] logits, int offset, int stride) {
        scan.logits(kv, from, to, logits, offset, stride);
      }
    };
  }
}
