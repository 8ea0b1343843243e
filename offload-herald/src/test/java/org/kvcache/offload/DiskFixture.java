package org.kvcache.offload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.spi.BlockTier;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.TierContext;

/** A disk tier in a directory, with a clock that stands still until told otherwise. */
final class DiskFixture {

  static final long SEGMENT = 1 << 16;
  static final BlockKey SPACE = new BlockKey(0x1234, 0x5678);

  final Path root;
  final int blockBytes;
  long nanos;

  DiskFixture(Path root, int blockBytes) {
    this.root = root;
    this.blockBytes = blockBytes;
  }

  SegmentTier open(int segments) {
    return open(segments, "lru");
  }

  SegmentTier open(int segments, String policy) {
    return open(segments * SEGMENT, SEGMENT, policy, context());
  }

  SegmentTier open(long maxBytes, long segmentBytes, String policy, TierContext context) {
    return SegmentTier.open(
        root, maxBytes, segmentBytes, PolicyCatalog.named(policy), context, () -> nanos);
  }

  TierContext context() {
    return new TierContext(SPACE, "a test", blockBytes, 42);
  }

  DiskLayout layout(int segments) {
    return DiskLayout.of(segments * SEGMENT, SEGMENT, blockBytes);
  }

  Path folder() {
    return root.resolve(SPACE.toString());
  }

  List<Path> segments() {
    try (Stream<Path> files = Files.list(folder())) {
      return files.filter(file -> file.toString().endsWith(".kvc")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int store(BlockTier tier, BlockKeys keys) {
    return tier.store(keys, 0, keys.size(), DerivedBlocks.filled(keys, blockBytes));
  }

  /** How many leading blocks are loaded; -1 if one of them has wrong bytes. */
  int load(BlockTier tier, BlockKeys keys) {
    DerivedBlocks into = DerivedBlocks.empty(keys, blockBytes);
    int loaded = tier.load(keys, 0, keys.size(), into);
    for (int i = 0; i < loaded; i++) {
      if (!into.isRight(i)) {
        return -1;
      }
    }
    return loaded;
  }

  boolean holds(BlockTier tier, long name) {
    return load(tier, DerivedBlocks.keys(name)) == 1;
  }
}
