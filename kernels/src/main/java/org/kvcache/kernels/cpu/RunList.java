package org.kvcache.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kvcache.spi.PagedKv;

/** Rows of blocks for native code to read, {@code Run}s of plan.h. All are checked here. */
final class RunList {

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  /** Bytes of a run: block (long), row, count (ints). */
  private static final int RUN = 16;

  private static final int ALIGNMENT = 64;

  private final int blockTokens;
  private final long blockBytes;
  private MemorySegment runs = Arena.ofAuto().allocate(64 * RUN, ALIGNMENT);
  private int count;

  RunList(int blockTokens, long blockBytes) {
    this.blockTokens = blockTokens;
    this.blockBytes = blockBytes;
  }

  MemorySegment runs() {
    return runs;
  }

  int count() {
    return count;
  }

  void clear() {
    count = 0;
  }

  /** Lists the rows of tokens {@code [from, to)}. */
  void add(PagedKv kv, MemorySegment memory, int from, int to) {
    for (int at = from; at < to; ) {
      int block = at / blockTokens;
      int row = at - block * blockTokens;
      int rows = Math.min(blockTokens - row, to - at);
      long offset = kv.block(block);
      if (offset < 0 || offset > memory.byteSize() - blockBytes) {
        throw new IndexOutOfBoundsException(
            "block %d lies at %d and takes %d bytes; the memory has %d bytes"
                .formatted(block, offset, blockBytes, memory.byteSize()));
      }
      if (count * (long) RUN == runs.byteSize()) {
        runs = Arena.ofAuto().allocate(runs.byteSize() * 2, ALIGNMENT).copyFrom(runs);
      }
      long entry = count * (long) RUN;
      runs.set(LONG, entry, offset);
      runs.set(INT, entry + 8, row);
      runs.set(INT, entry + 12, rows);
      count++;
      at += rows;
    }
  }
}
