package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.kvcache.offload.DerivedBlocks.keys;
import static org.kvcache.offload.DerivedBlocks.range;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.spi.TierContext;
import org.kvcache.spi.TierStatus;

class SegmentTierTest {

  private static final int BLOCK = 10_000; // 6 in a segment

  @TempDir Path root;
  private DiskFixture disk;

  @BeforeEach
  void fixture() {
    disk = new DiskFixture(root.resolve("kv"), BLOCK);
  }

  @Test
  void leadingBlocksAreLoadedAndProbed() {
    try (SegmentTier tier = disk.open(8)) {
      assertThat(disk.store(tier, range(0, 10))).isEqualTo(10);
      assertThat(disk.load(tier, range(0, 12))).isEqualTo(10);
      assertThat(disk.load(tier, keys(0, 1, 99, 2))).isEqualTo(2);
      assertThat(tier.probe(keys(0, 1, 99, 2), 0, 4)).isEqualTo(2);
      assertThat(tier.probe(keys(0, 99, 1, 2), 2, 4)).isEqualTo(2);
      assertThat(tier.probe(keys(99), 0, 1)).isZero();
      assertThat(tier.probesMemory()).isTrue();
      assertThat(tier.status())
          .isEqualTo(new TierStatus(true, 10, tier.status().bytes(), 8 << 16, 0, 0, 0));
    }
  }

  @Test
  void onlyTheAskedRangeIsStored() {
    BlockKeys keys = range(0, 5);
    try (SegmentTier tier = disk.open(8)) {
      assertThat(tier.store(keys, 2, 4, DerivedBlocks.filled(keys, BLOCK))).isEqualTo(2);
      assertThat(tier.probe(keys, 0, 5)).isZero();
      assertThat(tier.probe(keys, 2, 5)).isEqualTo(2);
      DerivedBlocks into = DerivedBlocks.empty(keys, BLOCK);
      assertThat(tier.load(keys, 2, 5, into)).isEqualTo(2);
      assertThat(into.isRight(2)).isTrue();
      assertThat(into.isRight(3)).isTrue();
    }
  }

  @Test
  void whatIsHeldIsNotWrittenAgain() {
    try (SegmentTier tier = disk.open(8)) {
      disk.store(tier, range(0, 5));
      long bytes = tier.status().bytes();
      assertThat(disk.store(tier, range(0, 5))).isEqualTo(5);
      assertThat(tier.status().bytes()).isEqualTo(bytes);
    }
  }

  @Test
  void blocksAreThereAfterReopening() {
    try (SegmentTier tier = disk.open(8)) {
      disk.store(tier, range(0, 20));
    }
    for (int round = 0; round < 3; round++) {
      try (SegmentTier tier = disk.open(8)) {
        assertThat(tier.status().blocks()).isEqualTo(20 + round);
        assertThat(disk.load(tier, range(0, 20 + round))).isEqualTo(20 + round);
        assertThat(disk.store(tier, keys(20 + round))).isOne();
        assertThat(tier.status().corruptBlocks()).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"lru", "arc", "s3-fifo", "adaptive", "lirs", "arc-leaf"})
  void limitHoldsWithEveryPolicy(String policy) {
    int capacity = disk.layout(5).capacity();
    try (SegmentTier tier = disk.open(5, policy)) {
      for (int name = 0; name < 300; name += 3) {
        disk.store(tier, range(name, name + 3));
        assertThat(disk.load(tier, range(name, name + 3))).isGreaterThanOrEqualTo(0);
        assertThat(tier.status().blocks()).isLessThanOrEqualTo(capacity);
        assertThat(tier.status().bytes()).isLessThanOrEqualTo(5 << 16);
        assertThat(disk.segments()).hasSizeLessThan(5);
      }
      assertThat(tier.status().blocks()).isEqualTo(capacity);
      assertThat(tier.status().evictedBlocks()).isEqualTo(300 - capacity);
    }
    try (SegmentTier tier = disk.open(5, policy)) {
      assertThat(tier.status().blocks()).isPositive().isLessThanOrEqualTo(capacity);
      assertThat(tier.status().evictedBlocks()).isZero();
    }
  }

  @Test
  void usedBlocksOutliveUnusedOnes() {
    try (SegmentTier tier = disk.open(5)) {
      disk.store(tier, range(0, 4));
      for (int name = 100; name < 200; name++) {
        disk.store(tier, keys(name));
        assertThat(disk.load(tier, range(0, 4))).isEqualTo(4);
      }
    }
  }

  @Test
  void chainLosesItsTailFirst() {
    int capacity = disk.layout(5).capacity();
    try (SegmentTier tier = disk.open(5)) {
      disk.store(tier, range(0, capacity));
      disk.store(tier, keys(1000, 1001));
      assertThat(tier.probe(range(0, capacity), 0, capacity)).isEqualTo(capacity - 2);
      disk.load(tier, range(0, capacity));
      disk.store(tier, keys(1002, 1003, 1004));
      assertThat(tier.probe(range(0, capacity), 0, capacity)).isEqualTo(capacity - 3);
    }
  }

  @Test
  void storeOfMoreThanFitsSaysHowManyAreHeld() {
    int capacity = disk.layout(3).capacity();
    try (SegmentTier tier = disk.open(3)) {
      assertThat(disk.store(tier, range(0, 50))).isEqualTo(capacity);
      assertThat(disk.load(tier, range(0, 50))).isEqualTo(capacity);
    }
  }

  @Test
  void spacesShareAPath() {
    var other = new TierContext(new BlockKey(9, 9), "another", 100, 1);
    try (SegmentTier tier = disk.open(4);
        SegmentTier second = disk.open(4 << 16, 1 << 16, "lru", other)) {
      disk.store(tier, range(0, 3));
      assertThat(second.probe(range(0, 3), 0, 3)).isZero();
      assertThat(disk.load(tier, range(0, 3))).isEqualTo(3);
    }
    assertThat(root.resolve("kv")).isDirectoryContaining("glob:**" + DiskFixture.SPACE);
    assertThat(root.resolve("kv")).isDirectoryContaining("glob:**" + other.space());
  }

  @Test
  void secondOwnerIsTurnedAwayUntilTheFirstCloses() {
    SegmentTier tier = disk.open(4);
    for (int attempt = 0; attempt < 2; attempt++) {
      assertThatThrownBy(() -> disk.open(4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(disk.folder().toString())
          .hasMessageContaining("this process has this directory open");
    }
    disk.store(tier, keys(1));
    tier.close();
    tier.close();
    try (SegmentTier next = disk.open(4)) {
      assertThat(disk.holds(next, 1)).isTrue();
    }
  }

  @Test
  void closedTierAnswersWithMisses() {
    SegmentTier tier = disk.open(4);
    disk.store(tier, keys(1));
    tier.close();
    assertThat(tier.probe(keys(1), 0, 1)).isZero();
    assertThat(disk.load(tier, keys(1))).isZero();
    assertThat(disk.store(tier, keys(2))).isZero();
    assertThat(tier.status().available()).isFalse();
  }

  @Test
  void filesOfOthersAreLeftAlone() throws IOException {
    disk.open(3).close();
    for (String name : new String[] {"notes.txt", "segment-1.kvc", "segment-zz.kvc", ".tmp"}) {
      Files.writeString(disk.folder().resolve(name), "mine");
    }
    Files.createDirectory(disk.folder().resolve("segment-00000000000000ff.kvc"));
    Files.writeString(disk.root.resolve("readme"), "mine");
    try (SegmentTier tier = disk.open(3)) {
      disk.store(tier, range(0, 100));
    }
    disk.open(3).close();
    for (String name : new String[] {"notes.txt", "segment-1.kvc", "segment-zz.kvc", ".tmp"}) {
      assertThat(disk.folder().resolve(name)).hasContent("mine");
    }
    assertThat(disk.folder().resolve("segment-00000000000000ff.kvc")).isDirectory();
    assertThat(disk.root.resolve("readme")).hasContent("mine");
  }

  @Test
  void failedWritePausesWritingAndComesBack() throws IOException {
    try (SegmentTier tier = disk.open(6)) {
      disk.store(tier, range(0, 6));
      Path inTheWay = disk.folder().resolve("segment-0000000000000002.kvc");
      Files.createDirectory(inTheWay);
      assertThat(disk.store(tier, keys(6, 0))).isOne();
      assertThat(tier.status().failures()).isOne();
      assertThat(tier.status().available()).isFalse();
      assertThat(disk.load(tier, range(0, 7))).isEqualTo(6);
      assertThat(disk.store(tier, keys(7))).isZero();
      assertThat(tier.status().failures()).isOne();

      disk.nanos += TimeUnit.SECONDS.toNanos(1);
      assertThat(tier.status().available()).isTrue();
      assertThat(disk.store(tier, keys(7))).isZero();
      assertThat(tier.status().failures()).isEqualTo(2);

      Files.delete(inTheWay);
      disk.nanos += TimeUnit.SECONDS.toNanos(1);
      assertThat(disk.store(tier, keys(7))).isZero();
      disk.nanos += TimeUnit.SECONDS.toNanos(1);
      assertThat(disk.store(tier, keys(7, 8))).isEqualTo(2);
      assertThat(disk.load(tier, keys(0, 1, 2, 3, 4, 5, 7, 8))).isEqualTo(8);
      assertThat(tier.status().available()).isTrue();
    }
  }

  @Test
  void failedCompactionIsTakenUpAgain() throws IOException {
    int capacity = disk.layout(3).capacity();
    try (SegmentTier tier = disk.open(3)) {
      disk.store(tier, range(0, 12));
      Path inTheWay = disk.folder().resolve("segment-0000000000000003.kvc");
      Files.createDirectory(inTheWay);
      assertThat(disk.store(tier, keys(50))).isZero();
      assertThat(tier.status().failures()).isOne();
      Files.delete(inTheWay);
      disk.nanos += TimeUnit.SECONDS.toNanos(1);
      for (int name = 100; name < 200; name++) {
        assertThat(disk.store(tier, keys(name))).isOne();
      }
      assertThat(disk.load(tier, range(200 - capacity, 200))).isEqualTo(capacity);
    }
  }

  @Test
  void fileCutUnderTheMappingIsAMissAndComesBack() throws IOException {
    try (SegmentTier tier = disk.open(6)) {
      disk.store(tier, range(0, 6));
      try (FileChannel file =
          FileChannel.open(disk.segments().getFirst(), StandardOpenOption.WRITE)) {
        file.truncate(0);
      }
      assertThat(disk.holds(tier, 0)).isFalse();
      assertThat(tier.status().failures()).isOne();
      assertThat(tier.status().available()).isFalse();
      assertThat(tier.probe(keys(1), 0, 1)).isZero();
      assertThat(disk.store(tier, keys(9))).isZero();
      disk.nanos += TimeUnit.SECONDS.toNanos(1);
      assertThat(tier.probe(keys(0), 0, 1)).isZero();
      assertThat(tier.probe(keys(1), 0, 1)).isOne();
    }
  }

  @Test
  void lowerLimitKeepsTheNewestBlocks() {
    try (SegmentTier tier = disk.open(10)) {
      for (int name = 0; name < 45; name++) {
        disk.store(tier, keys(name));
      }
    }
    int capacity = disk.layout(4).capacity();
    try (SegmentTier tier = disk.open(4)) {
      assertThat(tier.status().blocks()).isLessThanOrEqualTo(capacity);
      assertThat(disk.load(tier, range(40, 45))).isEqualTo(5);
      for (int name = 100; name < 150; name++) {
        assertThat(disk.store(tier, keys(name))).isOne();
        assertThat(disk.segments()).hasSizeLessThanOrEqualTo(4);
      }
      assertThat(disk.load(tier, range(150 - capacity, 150))).isEqualTo(capacity);
    }
  }

  @Test
  void directoryKeepsItsSegmentSize() {
    try (SegmentTier tier = disk.open(8)) {
      disk.store(tier, range(0, 10));
    }
    try (SegmentTier tier = disk.open(8 << 16, 2 << 16, "lru", disk.context())) {
      assertThat(disk.load(tier, range(0, 10))).isEqualTo(10);
    }
  }
}
