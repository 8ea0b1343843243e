package org.kvcache.bench.herald;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.PagedKv;

/** The keys of one layer and KV head, stored as a cache stores them. Belongs to one thread. */
final class EncodedKeys implements PagedKv {

  private static final int ALIGNMENT = 64;

  private final BlockCodec codec;
  private final int blockTokens;
  private final MemorySegment memory;
  private final BlockWriter writer;
  private final float[] rows;
  private int blocks;

  /** Room for {@code blocks} blocks in memory of {@code arena}. */
  EncodedKeys(BlockCodec codec, int blockTokens, int blocks, Arena arena) {
    this.codec = codec;
    this.blockTokens = blockTokens;
    memory = arena.allocate(blocks * codec.layout().bytes(), ALIGNMENT);
    writer = codec.newWriter();
    rows = new float[blockTokens * codec.layout().headDim()];
  }

  /** Appends a block: rows of this head, {@code stride} elements apart from {@code offset} on. */
  void add(float[] keys, int offset, int stride) {
    int dim = codec.layout().headDim();
    for (int token = 0; token < blockTokens; token++) {
      System.arraycopy(keys, offset + token * stride, rows, token * dim, dim);
    }
    writer.keys(rows, 0, blockTokens, memory, block(blocks), 0);
    blocks++;
  }

  BlockCodec codec() {
    return codec;
  }

  /** Blocks there are. */
  int blocks() {
    return blocks;
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public long block(int index) {
    return index * codec.layout().bytes();
  }

  @Override
  public int encoded() {
    return blocks * blockTokens;
  }

  @Override
  public MemorySegment staged(int index) {
    throw new IllegalStateException("no row is staged");
  }

  @Override
  public long stagedKey(int row) {
    throw new IllegalStateException("no row is staged");
  }

  @Override
  public long stagedValue(int row) {
    throw new IllegalStateException("no row is staged");
  }
}
