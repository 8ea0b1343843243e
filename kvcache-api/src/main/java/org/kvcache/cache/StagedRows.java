package org.kvcache.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.kvcache.KvShape;

/**
 * Blocks in binary32, {@code [layer][K, V][token][KV head][headDim]}: where rows wait to be encoded
 * and where engines write in place. Layout and pool; thread-safe.
 */
final class StagedRows {

  private final KvShape shape;
  private final int blockTokens;
  private final long rowBytes;
  private final long blockBytes;
  private final ArrayDeque<MemorySegment> free = new ArrayDeque<>();
  private final AtomicLong inUse = new AtomicLong();

  StagedRows(KvShape shape, int blockTokens) {
    this.shape = shape;
    this.blockTokens = blockTokens;
    rowBytes = (long) shape.kvDim() * Float.BYTES;
    blockBytes = 2L * shape.layers() * blockTokens * rowBytes;
  }

  /**
   * Memory for a block, with anything in it. Given back by {@link #give}, or by the garbage
   * collector when its sequence was dropped.
   */
  MemorySegment take() {
    MemorySegment block;
    synchronized (free) {
      block = free.pollFirst();
    }
    inUse.addAndGet(blockBytes);
    return block == null ? Arena.ofAuto().allocate(blockBytes, 64) : block;
  }

  void give(MemorySegment block) {
    inUse.addAndGet(-blockBytes);
    synchronized (free) {
      free.addFirst(block);
    }
  }

  /** Bytes were dropped with a sequence nobody closed. */
  void lost(int blocks) {
    inUse.addAndGet(-blocks * blockBytes);
  }

  long bytesInUse() {
    return inUse.get();
  }

  long blockBytes() {
    return blockBytes;
  }

  /** Offset of the K of a head's row. */
  long key(int layer, int kvHead, int row) {
    return ((2L * layer) * blockTokens + row) * rowBytes
        + (long) kvHead * shape.headDim() * Float.BYTES;
  }

  /** Offset of the V of a head's row. */
  long value(int layer, int kvHead, int row) {
    return key(layer, kvHead, row) + blockTokens * rowBytes;
  }

  /** The row of all heads at an offset of head 0. */
  MemorySegment row(MemorySegment block, long offset) {
    return block.asSlice(offset, rowBytes);
  }

  /** Writes a row of all heads. */
  void put(MemorySegment block, long offset, float[] row, int from) {
    MemorySegment.copy(row, from, block, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, shape.kvDim());
  }

  /** Reads a row of all heads. */
  void get(MemorySegment block, long offset, float[] into, int at) {
    MemorySegment.copy(block, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, into, at, shape.kvDim());
  }

  /**
   * Reads {@code count} rows of one head, whose first is at {@code offset}, one after the other.
   */
  void gather(MemorySegment block, long offset, int at, int count, float[] into) {
    int dim = shape.headDim();
    for (int row = 0; row < count; row++) {
      MemorySegment.copy(
          block,
          ValueLayout.JAVA_FLOAT_UNALIGNED,
          offset + row * rowBytes,
          into,
          at + row * dim,
          dim);
    }
  }

  /** Writes {@code count} rows of one head. */
  void scatter(float[] rows, MemorySegment block, long offset, int count) {
    int dim = shape.headDim();
    for (int row = 0; row < count; row++) {
      MemorySegment.copy(
          rows, row * dim, block, ValueLayout.JAVA_FLOAT_UNALIGNED, offset + row * rowBytes, dim);
    }
  }
}
