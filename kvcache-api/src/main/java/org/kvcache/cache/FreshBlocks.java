package org.kvcache.cache;

import java.lang.foreign.MemorySegment;
import org.kvcache.spi.FreshKv;

/** The full blocks of a sequence, and the rows of a denoising block behind them. */
record FreshBlocks(SequenceBlocks sequence, int full, FreshKv fresh) implements Blocks {

  @Override
  public int frame(int index) {
    return sequence.frame(index);
  }

  @Override
  public int encodedTokens() {
    return full * fresh.blockTokens();
  }

  @Override
  public MemorySegment staged(int index) {
    return fresh.block(index - full);
  }

  @Override
  public long stagedKey(int layer, int kvHead, int row) {
    return fresh.key(layer, kvHead, row);
  }

  @Override
  public long stagedValue(int layer, int kvHead, int row) {
    return fresh.value(layer, kvHead, row);
  }
}
