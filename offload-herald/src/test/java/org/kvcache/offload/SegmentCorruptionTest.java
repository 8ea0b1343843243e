package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kvcache.offload.DerivedBlocks.keys;
import static org.kvcache.offload.DerivedBlocks.range;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.BlockKey;
import org.kvcache.spi.TierContext;

class SegmentCorruptionTest {

  private static final int SMALL = 16; // a record of 64 bytes
  private static final int KEY_FROM = 8 * 8; // bits of the key in a record
  private static final int KEY_TO = 24 * 8;

  @TempDir Path root;
  private DiskFixture disk;

  @BeforeEach
  void fixture() {
    disk = new DiskFixture(root, SMALL);
  }

  @Test
  void everyFlippedBitIsFoundWhenTheTierIsOpened() throws IOException {
    try (SegmentTier tier = disk.open(4)) {
      disk.store(tier, range(0, 3));
    }
    Path file = disk.segments().getFirst();
    byte[] whole = head(file, 3);
    for (int bit = 0; bit < 8 * 64; bit++) {
      Files.write(file, flipped(whole, 1, bit));
      expectLost(1, bit);
    }
    for (int bit = 0; bit < 8 * 64; bit += 5) {
      Files.write(file, flipped(whole, 2, bit));
      expectLost(0, bit); // stored last
    }
  }

  private void expectLost(int lost, int bit) {
    try (SegmentTier tier = disk.open(4)) {
      for (int name = 0; name < 3; name++) {
        assertThat(disk.load(tier, keys(name)))
            .as("bit %d, block %d", bit, name)
            .isEqualTo(name == lost ? 0 : 1);
      }
      assertThat(tier.status().corruptBlocks()).isOne();
      assertThat(tier.status().blocks()).isEqualTo(2);
      assertThat(disk.store(tier, keys(lost))).isOne();
      assertThat(disk.load(tier, range(0, 3))).isEqualTo(3);
    }
  }

  @Test
  void everyBitFlippedUnderAnOpenTierIsFoundByTheLoad() throws IOException {
    try (SegmentTier tier = disk.open(4)) {
      for (int bit = 0; bit < 8 * 64; bit++) {
        disk.store(tier, keys(bit));
        Path file = disk.segments().getFirst();
        flipInPlace(file, bit, bit);
        assertThat(disk.load(tier, keys(bit))).as("bit %d", bit).isZero();
        assertThat(tier.status().corruptBlocks()).isEqualTo(bit + 1);
        assertThat(tier.probe(keys(bit), 0, 1)).isZero();
      }
      assertThat(tier.status().blocks()).isZero();
    }
  }

  @Test
  void everyFlippedBitOfAnOlderSegmentIsNeverServed() throws IOException {
    int perSegment = disk.layout(4).recordsPerSegment();
    try (SegmentTier tier = disk.open(4)) {
      for (int name = 0; name < perSegment + 1; name++) {
        disk.store(tier, keys(name));
      }
    }
    Path file = disk.segments().getFirst();
    byte[] whole = Files.readAllBytes(file);
    for (int bit = 0; bit < 8 * 64; bit += 3) {
      Files.write(file, flipped(whole, 7, bit));
      try (SegmentTier tier = disk.open(4)) {
        assertThat(disk.load(tier, range(0, 20))).as("bit %d", bit).isEqualTo(7);
        assertThat(disk.load(tier, range(8, 20))).isEqualTo(12);
        boolean inKey = bit >= KEY_FROM && bit < KEY_TO; // a block that nobody asks for
        assertThat(tier.status().corruptBlocks()).isEqualTo(inKey ? 0 : 1);
      }
    }
  }

  @Test
  void compactionDropsWrongRecords() throws IOException {
    var large = new DiskFixture(root, 10_000);
    try (SegmentTier tier = large.open(5)) {
      for (int name = 0; name < 8; name++) {
        large.store(tier, keys(name));
      }
      flipInPlace(large.segments().getFirst(), 0, 8 * 60, large.layout(5).recordBytes());
      for (int name = 100; name < 200; name++) {
        large.store(tier, keys(name));
        large.store(tier, keys(0)); // keeps it young without reading it
      }
      assertThat(tier.status().corruptBlocks()).isOne();
      assertThat(large.load(tier, keys(0))).isOne();
    }
  }

  @Test
  void tailTornAtAnyByteIsCutOff() throws IOException {
    try (SegmentTier tier = disk.open(4)) {
      for (int name = 0; name < 4; name++) {
        disk.store(tier, keys(name));
      }
    }
    Path file = disk.segments().getFirst();
    byte[] whole = head(file, 4);
    for (int length = 0; length <= whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      int left = length / 64;
      try (SegmentTier tier = disk.open(4)) {
        assertThat(disk.load(tier, range(0, 4))).as("cut at %d", length).isEqualTo(left);
        assertThat(tier.status().blocks()).isEqualTo(left);
        assertThat(tier.status().corruptBlocks()).isEqualTo(length % 64 == 0 ? 0 : 1);
        assertThat(disk.store(tier, keys(50, 51))).isEqualTo(2);
      }
      try (SegmentTier tier = disk.open(4)) {
        assertThat(disk.load(tier, range(0, 4))).isEqualTo(left);
        assertThat(disk.load(tier, keys(50, 51))).isEqualTo(2);
        assertThat(tier.status().corruptBlocks()).isZero();
      }
    }
  }

  @Test
  void garbageInPlaceOfASegmentIsNotServed() throws IOException {
    try (SegmentTier tier = disk.open(4)) {
      disk.store(tier, range(0, 3));
    }
    byte[] garbage = new byte[1 << 16];
    new Random(7).nextBytes(garbage);
    Files.write(disk.folder().resolve("segment-0000000000000009.kvc"), garbage);
    try (SegmentTier tier = disk.open(4)) {
      assertThat(disk.load(tier, range(0, 3))).isEqualTo(3);
      assertThat(tier.status().corruptBlocks()).isEqualTo(disk.layout(4).recordsPerSegment());
      assertThat(disk.store(tier, range(3, 6))).isEqualTo(3);
      assertThat(disk.load(tier, range(0, 6))).isEqualTo(6);
    }
  }

  @Test
  void recordsOfAnotherSpaceAreNotServed() throws IOException {
    var other = new TierContext(new BlockKey(1, 1), "other", SMALL, 1);
    try (SegmentTier tier = disk.open(4);
        SegmentTier second = disk.open(4 << 16, 1 << 16, "lru", other)) {
      disk.store(tier, keys(1));
      disk.store(second, keys(1));
    }
    Path own = disk.segments().getFirst();
    Path foreign = root.resolve(other.space().toString()).resolve(own.getFileName());
    Files.write(own, Files.readAllBytes(foreign));
    try (SegmentTier tier = disk.open(4)) {
      assertThat(disk.holds(tier, 1)).isFalse();
      assertThat(tier.status().corruptBlocks()).isOne();
    }
  }

  private static byte[] head(Path file, int records) {
    try {
      return Arrays.copyOf(Files.readAllBytes(file), records * 64);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] flipped(byte[] whole, int record, int bit) {
    byte[] copy = whole.clone();
    copy[64 * record + (bit >> 3)] ^= (byte) (1 << (bit & 7));
    return copy;
  }

  private static void flipInPlace(Path file, int record, int bit) throws IOException {
    flipInPlace(file, record, bit, 64);
  }

  private static void flipInPlace(Path file, int record, int bit, long recordBytes)
      throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      var one = ByteBuffer.allocate(1);
      long at = record * recordBytes + (bit >> 3);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 1 << (bit & 7)));
      channel.write(one.flip(), at);
    }
  }
}
