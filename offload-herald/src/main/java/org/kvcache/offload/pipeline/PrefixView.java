package org.kvcache.offload.pipeline;

import java.lang.foreign.MemorySegment;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PagedKv;
import org.kvcache.spi.PrefixKv;

/**
 * One layer and KV head of a prefix in host memory, with fresh rows behind it or nothing. Not
 * thread-safe.
 */
final class PrefixView implements PagedKv {

  private final PrefixKv prefix;
  private final int blockTokens;
  private int layer;
  private int kvHead;
  private int blocks;
  private FreshKv fresh;

  /** Looks at the first {@code blocks} blocks of nothing yet. */
  PrefixView(PrefixKv prefix, int blockTokens, FreshKv nothing) {
    this.prefix = prefix;
    this.blockTokens = blockTokens;
    fresh = nothing;
  }

  /** Looks at leading blocks and the rows behind them. */
  PrefixView look(int atLayer, int atKvHead, int leadingBlocks, FreshKv rows) {
    layer = atLayer;
    kvHead = atKvHead;
    blocks = leadingBlocks;
    fresh = rows;
    return this;
  }

  @Override
  public MemorySegment memory() {
    return prefix.memory();
  }

  @Override
  public long block(int index) {
    return prefix.block(layer, kvHead, index);
  }

  @Override
  public int encoded() {
    return blocks * blockTokens;
  }

  @Override
  public MemorySegment staged(int index) {
    return fresh.block(index - blocks);
  }

  @Override
  public long stagedKey(int row) {
    return fresh.key(layer, kvHead, row);
  }

  @Override
  public long stagedValue(int row) {
    return fresh.value(layer, kvHead, row);
  }
}
