package org.kvcache.spi;

import java.lang.foreign.MemorySegment;

/**
 * Encodes rows of K and V into blocks: transform, then format. Belongs to one thread; does not
 * allocate.
 *
 * <p>{@code block} is the byte offset of the block in {@code memory}, {@code row} the first row of
 * the block to write. Both {@code row} and {@code count} are multiples of the format's row group.
 */
public interface BlockWriter {

  /**
   * Writes {@code count} rows of K, {@code headDim} elements each, from {@code rows[offset]} on.
   */
  void keys(float[] rows, int offset, int count, MemorySegment memory, long block, int row);

  /** Writes {@code count} rows of V. */
  void values(float[] rows, int offset, int count, MemorySegment memory, long block, int row);
}
