package org.kvcache.spi;

import java.lang.foreign.MemorySegment;

/**
 * The full blocks of one sequence in the cache's memory, all layers and heads. They never change
 * and stay where they are until the sequence is truncated or closed. May be read by several threads
 * during a call of the sequence's.
 */
public interface PrefixKv {

  /** Full blocks. */
  int blocks();

  /** The memory of the blocks. */
  MemorySegment memory();

  /** Byte offset in {@link #memory} of a block of one layer and KV head. */
  long block(int layer, int kvHead, int index);
}
