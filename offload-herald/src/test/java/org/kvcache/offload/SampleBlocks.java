package org.kvcache.offload;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.spi.BlockTier;
import org.kvcache.spi.TierContext;

/** Some blocks with random bytes, and empty memory of the same size to load them into. */
final class SampleBlocks {

  static final BlockKey SPACE = new BlockKey(0x0123456789abcdefL, 0xfedcba9876543210L);

  final TierContext context;
  final BlockKeys keys = new BlockKeys();
  final MemorySegment bytes;
  final MemorySegment loaded;
  private final int count;
  private final long blockBytes;

  private SampleBlocks(int count, long blockBytes, long seed) {
    this.count = count;
    this.blockBytes = blockBytes;
    context = new TierContext(SPACE, "sample", blockBytes, seed);
    bytes = Arena.ofAuto().allocate(count * blockBytes);
    loaded = Arena.ofAuto().allocate(count * blockBytes);
    var random = new SplittableRandom(seed);
    for (int i = 0; i < count; i++) {
      keys.add(random.nextLong(), random.nextLong());
    }
    for (long i = 0; i < bytes.byteSize(); i++) {
      bytes.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
    }
  }

  static SampleBlocks of(int count, long blockBytes) {
    return new SampleBlocks(count, blockBytes, 7);
  }

  MemorySegment block(int index) {
    return bytes.asSlice(index * blockBytes, blockBytes);
  }

  MemorySegment loadedBlock(int index) {
    return loaded.asSlice(index * blockBytes, blockBytes);
  }

  int storeIn(BlockTier tier) {
    return tier.store(keys, 0, count, this::block);
  }

  int loadFrom(BlockTier tier) {
    loaded.fill((byte) 0);
    return tier.load(keys, 0, count, this::loadedBlock);
  }

  int probeIn(BlockTier tier) {
    return tier.probe(keys, 0, count);
  }

  /** True if the first blocks that were loaded are those that were stored. */
  boolean areLoaded(int leading) {
    return bytes.asSlice(0, leading * blockBytes).mismatch(loaded.asSlice(0, leading * blockBytes))
        == -1;
  }

  /** A block's record as a tier would write it. */
  byte[] record(int index) {
    byte[] record = new byte[(int) BlockRecord.bytes(blockBytes)];
    BlockRecord.write(
        MemorySegment.ofArray(record), SPACE, keys.hi(index), keys.lo(index), block(index));
    return record;
  }

  /** A block's key in Redis. */
  String redisKey(int index) {
    return "kvcache:" + SPACE + ":" + keys.get(index);
  }
}
