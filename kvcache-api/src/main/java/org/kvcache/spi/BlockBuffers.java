package org.kvcache.spi;

import java.lang.foreign.MemorySegment;

/** The bytes of the blocks of one call to a {@link BlockTier}, by their index in its keys. */
@FunctionalInterface
public interface BlockBuffers {

  /** The memory of block {@code index}, {@link TierContext#blockBytes} bytes. */
  MemorySegment buffer(int index);
}
