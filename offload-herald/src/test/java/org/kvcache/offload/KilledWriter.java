package org.kvcache.offload;

import java.nio.file.Path;
import java.util.SplittableRandom;
import org.kvcache.BlockKeys;

/** A process that stores blocks until it is killed: {@code directory blockBytes seed}. */
final class KilledWriter {

  static final int SEGMENTS = 6;
  static final int NAMES = 1000; // four times what fits
  private static final long SEGMENT = 1 << 19; // 57 records of the test's size
  private static final int RUN = 5;
  private static final int WRONG_BYTES = 3;

  private KilledWriter() {}

  static SegmentTier open(DiskFixture disk) {
    return disk.open(SEGMENTS * SEGMENT, SEGMENT, "arc", disk.context());
  }

  static DiskLayout layout(int blockBytes) {
    return DiskLayout.of(SEGMENTS * SEGMENT, SEGMENT, blockBytes);
  }

  public static void main(String[] args) {
    var disk = new DiskFixture(Path.of(args[0]), Integer.parseInt(args[1]));
    var random = new SplittableRandom(Long.parseLong(args[2]));
    BlockKeys keys = DerivedBlocks.range(0, NAMES);
    var blocks = DerivedBlocks.filled(keys, disk.blockBytes);
    var into = DerivedBlocks.empty(keys, disk.blockBytes);
    SegmentTier tier = open(disk);
    for (int i = 0; i < NAMES; i++) {
      blocks.buffer(i); // so that it is mostly writing when it is killed
    }
    System.out.write('.');
    System.out.flush();
    while (true) {
      int from = random.nextInt(NAMES - RUN);
      tier.store(keys, from, from + RUN, blocks);
      int loaded = tier.load(keys, from, from + RUN, into);
      for (int i = from; i < from + loaded; i++) {
        if (blocks.buffer(i).mismatch(into.buffer(i)) >= 0) {
          Runtime.getRuntime().halt(WRONG_BYTES);
        }
      }
    }
  }
}
