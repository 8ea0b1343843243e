package org.kvcache.spi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kvcache.KvShape;

/**
 * Keys and values in binary32 that are not in blocks yet: {@code [layer][K, V][row][KV
 * head][headDim]}, with as many rows as there is room for. The first {@link #lead} rows are
 * committed tokens of a block that is not full, so that row 0 is always the first of a block; the
 * rows of a denoising block follow. Written by the engine's thread, read by those that attend, with
 * the engine's barrier between.
 */
public final class FreshKv {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final KvShape shape;
  private final int blockTokens;
  private final int capacity;
  private final long rowBytes;
  private final MemorySegment memory;
  private final MemorySegment[] blocks;
  private int lead;
  private int rows;

  /**
   * Rows of zeros.
   *
   * @param blockTokens tokens of the cache's blocks
   * @param lead committed rows before the block's own, less than {@code blockTokens}
   * @param tokens the block's own rows
   */
  public FreshKv(KvShape shape, int blockTokens, int lead, int tokens) {
    this(shape, blockTokens, lead + tokens);
    use(lead, tokens);
  }

  /** Room for so many rows, none of them in use. */
  public FreshKv(KvShape shape, int blockTokens, int capacity) {
    this.shape = shape;
    this.blockTokens = blockTokens;
    this.capacity = capacity;
    rowBytes = (long) shape.kvDim() * Float.BYTES;
    memory = Arena.ofAuto().allocate(2L * shape.layers() * capacity * rowBytes, 64);
    blocks = new MemorySegment[Math.ceilDiv(capacity, blockTokens)];
    for (int i = 0; i < blocks.length; i++) {
      blocks[i] = memory.asSlice((long) i * blockTokens * rowBytes);
    }
  }

  /**
   * Takes leading rows into use, for another block; what is in them stays.
   *
   * @throws IllegalArgumentException if there is no room for them
   */
  public void use(int leadRows, int tokens) {
    if (leadRows < 0 || tokens < 0 || leadRows + tokens > capacity) {
      throw new IllegalArgumentException(
          "%d committed rows and %d of a block; there is room for %d"
              .formatted(leadRows, tokens, capacity));
    }
    lead = leadRows;
    rows = leadRows + tokens;
  }

  /** Rows there is room for. */
  public int capacity() {
    return capacity;
  }

  /** Committed rows before the block's own. */
  public int lead() {
    return lead;
  }

  /** Rows in use. */
  public int rows() {
    return rows;
  }

  /** All of the memory. */
  public MemorySegment memory() {
    return memory;
  }

  /** From a row to the next. */
  public long rowBytes() {
    return rowBytes;
  }

  /** Offset in {@link #memory} of the K of a row of one head: headDim native floats. */
  public long key(int layer, int kvHead, int row) {
    return (2L * layer * capacity + row) * rowBytes + (long) kvHead * shape.headDim() * Float.BYTES;
  }

  /** The same for V. */
  public long value(int layer, int kvHead, int row) {
    return key(layer, kvHead, row) + capacity * rowBytes;
  }

  /**
   * The memory from the first row of block {@code index} of these rows on, as {@link PagedKv} wants
   * it: {@link #key} and {@link #value} of a row within the block are offsets in it.
   */
  public MemorySegment block(int index) {
    return blocks[index];
  }

  /** Tokens of the blocks that {@link #block} counts. */
  public int blockTokens() {
    return blockTokens;
  }

  /** Writes K and V of {@code count} rows of all heads, from row {@code row} on. */
  public void put(int layer, int row, int count, float[] k, int kOffset, float[] v, int vOffset) {
    int elements = count * shape.kvDim();
    MemorySegment.copy(k, kOffset, memory, FLOAT, key(layer, 0, row), elements);
    MemorySegment.copy(v, vOffset, memory, FLOAT, value(layer, 0, row), elements);
  }

  /** Takes over the committed rows of others that begin at the same token. */
  public void copyLead(FreshKv from) {
    for (int layer = 0; layer < shape.layers(); layer++) {
      long bytes = lead * rowBytes;
      MemorySegment.copy(from.memory, from.key(layer, 0, 0), memory, key(layer, 0, 0), bytes);
      MemorySegment.copy(from.memory, from.value(layer, 0, 0), memory, value(layer, 0, 0), bytes);
    }
  }

  /** Reads K and V of one row of all heads. */
  public void get(int layer, int row, float[] k, float[] v) {
    MemorySegment.copy(memory, FLOAT, key(layer, 0, row), k, 0, shape.kvDim());
    MemorySegment.copy(memory, FLOAT, value(layer, 0, row), v, 0, shape.kvDim());
  }
}
