package org.kvcache.offload.retrieval;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.KeyScan;
import org.kvcache.spi.PagedKv;

/**
 * A copy of the keys in the format of another scheme, without values. Its memory is chunks, each as
 * large as all before it; it is given back when this is unreachable. Belongs to one thread.
 */
final class KeyCopy implements ScannedKeys {

  /** Tokens of the first chunk, about. */
  private static final int FIRST_TOKENS = 1024;

  private final BlockCodec codec;
  private final int blockTokens;
  private final int firstBlocks;
  private final BlockReader reader;
  private final BlockWriter writer;
  private final float[] rows;
  private final List<Chunk> chunks = new ArrayList<>();
  private int blocks;

  KeyCopy(BlockCodec stored, BlockCodec codec, int blockTokens) {
    this.codec = codec;
    this.blockTokens = blockTokens;
    firstBlocks = Math.ceilDiv(FIRST_TOKENS, blockTokens);
    reader = stored.newReader(1);
    writer = codec.newWriter();
    rows = new float[blockTokens * codec.layout().headDim()];
  }

  @Override
  public BlockCodec codec() {
    return codec;
  }

  @Override
  public void add(PagedKv prefix, int from, int to) {
    if (from != blocks) {
      throw new IllegalArgumentException(
          "blocks from %d on are added; there are %d".formatted(from, blocks));
    }
    for (; blocks < to; blocks++) {
      Chunk chunk = chunkOf(blocks);
      reader.keys(prefix.memory(), prefix.block(blocks), 0, blockTokens, rows, 0);
      writer.keys(rows, 0, blockTokens, chunk.memory, chunk.block(blocks), 0);
    }
  }

  @Override
  public void truncate(int blocks) {
    this.blocks = Math.min(this.blocks, blocks);
  }

  @Override
  public void logits(
      KeyScan scan, PagedKv prefix, int from, int to, float[] logits, int offset, int stride) {
    if (to > (long) blocks * blockTokens) {
      throw new IllegalArgumentException(
          "tokens up to %d are to be scored; the copy has %d of %d each"
              .formatted(to, blocks, blockTokens));
    }
    for (int at = from; at < to; ) {
      Chunk chunk = chunkOf(at / blockTokens);
      int end = (int) Math.min(to, (long) chunk.end * blockTokens);
      scan.logits(chunk, at, end, logits, offset + at - from, stride);
      at = end;
    }
  }

  /** The chunk of a block, made if it is the next one. */
  private Chunk chunkOf(int block) {
    // The chunks end at 1, 2, 4, 8, ... times the first.
    int index = 32 - Integer.numberOfLeadingZeros(block / firstBlocks);
    if (index == chunks.size()) {
      int first = index == 0 ? 0 : firstBlocks << (index - 1);
      chunks.add(new Chunk(codec.layout(), first, firstBlocks << index));
    }
    return chunks.get(index);
  }

  /** The keys of the blocks {@code [first, end)}, under the same numbers. */
  private static final class Chunk implements PagedKv {

    final MemorySegment memory;
    final int end;
    private final int first;
    private final long stride;

    Chunk(BlockLayout layout, int first, int end) {
      this.first = first;
      this.end = end;
      // The planes of values come last and are not written: the next block takes their place.
      stride = layout.valueCodes();
      long bytes = (end - first - 1) * stride + layout.bytes();
      memory = Arena.ofAuto().allocate(bytes, 64);
    }

    @Override
    public MemorySegment memory() {
      return memory;
    }

    @Override
    public long block(int index) {
      return (index - first) * stride;
    }

    @Override
    public int encoded() {
      return Integer.MAX_VALUE;
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
}
