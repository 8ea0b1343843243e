package org.kvcache.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.PagedKv;

/** Encoded blocks of one KV head, one behind the other. */
record EncodedHead(MemorySegment memory, long blockBytes) implements PagedKv {

  /** Encodes normal numbers. */
  static EncodedHead normal(BlockCodec codec, int tokens, SplittableRandom random) {
    int blockTokens = codec.layout().blockTokens();
    int blocks = Math.ceilDiv(tokens, blockTokens);
    long blockBytes = codec.layout().bytes();
    var head = new EncodedHead(Arena.ofAuto().allocate(blocks * blockBytes, 64), blockBytes);
    float[] rows = new float[blockTokens * codec.layout().headDim()];
    BlockWriter writer = codec.newWriter();
    for (int block = 0; block < blocks; block++) {
      fill(rows, random);
      writer.keys(rows, 0, blockTokens, head.memory, head.block(block), 0);
      fill(rows, random);
      writer.values(rows, 0, blockTokens, head.memory, head.block(block), 0);
    }
    return head;
  }

  static void fill(float[] numbers, SplittableRandom random) {
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
  }

  @Override
  public long block(int index) {
    return index * blockBytes;
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
