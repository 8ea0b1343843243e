package org.kvcache.spi;

import java.lang.foreign.MemorySegment;

/**
 * The keys and values of one sequence in one layer and KV head, as they lie in memory: leading
 * tokens encoded in blocks, the rest, if any, as staged rows in binary32. Read-only, and valid for
 * the duration of one call.
 */
public interface PagedKv {

  /** The memory of the encoded blocks. */
  MemorySegment memory();

  /** Byte offset in {@link #memory} of block {@code index} of this layer and head. */
  long block(int index);

  /** Leading tokens that are to be read from the encoded blocks. */
  int encoded();

  /** The memory of the staged rows of block {@code index}. */
  MemorySegment staged(int index);

  /**
   * Byte offset in {@link #staged} of the K row {@code row} of the block: headDim native floats.
   */
  long stagedKey(int row);

  /** The same for V. */
  long stagedValue(int row);
}
