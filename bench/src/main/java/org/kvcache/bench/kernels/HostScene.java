package org.kvcache.bench.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.PagedKv;

/** Random K and V of one KV head in shuffled blocks in host memory, the last tokens staged. */
final class HostScene implements PagedKv, AutoCloseable {

  final int length;
  final float[] keys;
  final float[] values;
  private final Arena arena = Arena.ofShared();
  private final BlockCodec codec;
  private final int blockTokens;
  private final int encoded;
  private final int[] slots;
  private final MemorySegment memory;
  private final MemorySegment staged;

  HostScene(BlockCodec codec, int length, int stagedTokens, Random random) {
    this.codec = codec;
    this.length = length;
    int dim = codec.layout().headDim();
    blockTokens = codec.layout().blockTokens();
    int group = Math.max(codec.keys().rowGroup(), codec.values().rowGroup());
    encoded =
        stagedTokens == 0 && length % group == 0
            ? length
            : Math.max(0, length - stagedTokens) / blockTokens * blockTokens;
    int blocks = Math.ceilDiv(length, blockTokens);
    slots = DeviceScene.shuffled(blocks, random);
    memory = arena.allocate(blocks * codec.layout().bytes(), 64);
    memory.fill((byte) 0xFF);
    staged = arena.allocate(2L * blocks * blockTokens * dim * Float.BYTES, 64);
    keys = DeviceScene.gaussian(random, length * dim);
    values = DeviceScene.gaussian(random, length * dim);
    var writer = codec.newWriter();
    var reader = codec.newReader(1);
    for (int t = 0; t < encoded; t += group) {
      long block = block(t / blockTokens);
      writer.keys(keys, t * dim, group, memory, block, t % blockTokens);
      writer.values(values, t * dim, group, memory, block, t % blockTokens);
      reader.keys(memory, block, t % blockTokens, group, keys, t * dim);
      reader.values(memory, block, t % blockTokens, group, values, t * dim);
    }
    for (int t = encoded; t < length; t++) {
      MemorySegment to = staged(t / blockTokens);
      int row = t % blockTokens;
      MemorySegment.copy(keys, t * dim, to, ValueLayout.JAVA_FLOAT, stagedKey(row), dim);
      MemorySegment.copy(values, t * dim, to, ValueLayout.JAVA_FLOAT, stagedValue(row), dim);
    }
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public long block(int index) {
    return slots[index] * codec.layout().bytes();
  }

  @Override
  public int encoded() {
    return encoded;
  }

  @Override
  public MemorySegment staged(int index) {
    long bytes = 2L * blockTokens * codec.layout().headDim() * Float.BYTES;
    return staged.asSlice(index * bytes, bytes);
  }

  @Override
  public long stagedKey(int row) {
    return (long) row * codec.layout().headDim() * Float.BYTES;
  }

  @Override
  public long stagedValue(int row) {
    return (long) (blockTokens + row) * codec.layout().headDim() * Float.BYTES;
  }

  @Override
  public void close() {
    arena.close();
  }
}
