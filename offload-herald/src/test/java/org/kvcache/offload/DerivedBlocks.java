package org.kvcache.offload;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.kvcache.BlockKeys;
import org.kvcache.spi.BlockBuffers;

/** Blocks whose bytes follow from their keys, so that every served byte can be checked. */
final class DerivedBlocks implements BlockBuffers {

  private final BlockKeys keys;
  private final long blockBytes;
  private final Map<Integer, MemorySegment> buffers = new HashMap<>();
  private final boolean filled;

  private DerivedBlocks(BlockKeys keys, long blockBytes, boolean filled) {
    this.keys = keys;
    this.blockBytes = blockBytes;
    this.filled = filled;
  }

  static DerivedBlocks filled(BlockKeys keys, long blockBytes) {
    return new DerivedBlocks(keys, blockBytes, true);
  }

  static DerivedBlocks empty(BlockKeys keys, long blockBytes) {
    return new DerivedBlocks(keys, blockBytes, false);
  }

  static BlockKeys keys(long... names) {
    var keys = new BlockKeys(names.length);
    for (long name : names) {
      keys.add(name * 0x9E3779B97F4A7C15L, name);
    }
    return keys;
  }

  static BlockKeys range(long from, long to) {
    var keys = new BlockKeys();
    for (long name = from; name < to; name++) {
      keys.add(name * 0x9E3779B97F4A7C15L, name);
    }
    return keys;
  }

  @Override
  public MemorySegment buffer(int index) {
    return buffers.computeIfAbsent(index, i -> filled ? right(i) : blank());
  }

  boolean isRight(int index) {
    return right(index).mismatch(buffer(index)) < 0;
  }

  private MemorySegment blank() {
    return Arena.ofAuto().allocate(blockBytes, Long.BYTES);
  }

  private MemorySegment right(int index) {
    var random = new SplittableRandom(keys.hi(index) ^ Long.rotateLeft(keys.lo(index), 32));
    MemorySegment block = blank();
    for (long at = 0; at + Long.BYTES <= blockBytes; at += Long.BYTES) {
      block.set(ValueLayout.JAVA_LONG, at, random.nextLong());
    }
    for (long at = blockBytes / Long.BYTES * Long.BYTES; at < blockBytes; at++) {
      block.set(ValueLayout.JAVA_BYTE, at, (byte) random.nextInt());
    }
    return block;
  }
}
