package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.spi.TierContext;

class SegmentTierRefusalTest {

  @TempDir Path root;

  @Test
  void tooSmallALimitIsRefusedWithWhatItTakes() {
    var disk = new DiskFixture(root, 100_000);
    assertThatThrownBy(() -> disk.open(3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a disk tier of 192 KiB is too small for blocks of 97.7 KiB in segments of 128 KiB;"
                + " it takes 384 KiB at least");
    try (SegmentTier tier = disk.open(6)) {
      assertThat(disk.store(tier, DerivedBlocks.range(0, 9))).isOne();
    }
  }

  @Test
  void fileInPlaceOfTheDirectoryIsRefused() throws IOException {
    Path file = Files.writeString(root.resolve("file"), "mine");
    assertThatThrownBy(() -> new DiskFixture(file, 100).open(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(file + ": the path of a disk tier must be a directory, and this is a file");
    assertThat(file).hasContent("mine");
  }

  @Test
  void segmentsOfOtherBlocksAreRefused() {
    var disk = new DiskFixture(root, 100);
    try (SegmentTier tier = disk.open(4)) {
      disk.store(tier, DerivedBlocks.keys(1));
    }
    var other = new TierContext(DiskFixture.SPACE, "the same name, other bytes", 200, 1);
    assertThatThrownBy(() -> disk.open(4 << 16, 1 << 16, "lru", other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("its file 'format' should say 'block bytes: 200' and says '100'");
    try (SegmentTier tier = disk.open(4)) {
      assertThat(disk.holds(tier, 1)).isTrue();
    }
  }

  @Test
  void segmentsWithoutFormatAreRefusedAndKept() throws IOException {
    var disk = new DiskFixture(root, 100);
    try (SegmentTier tier = disk.open(4)) {
      disk.store(tier, DerivedBlocks.keys(1));
    }
    Files.delete(disk.folder().resolve("format"));
    assertThatThrownBy(() -> disk.open(4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("says nothing of it");
    assertThat(disk.segments()).hasSize(1);
  }

  @Test
  void missingFlagsAreNamed() {
    Module named = java.util.logging.Logger.class.getModule(); // nothing is opened to it
    assertThatThrownBy(() -> MappingFlags.check(Object.class.getModule(), named))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--add-opens=java.base/java.lang.reflect=java.logging")
        .hasMessageContaining("--add-opens=java.base/sun.nio.ch=java.logging")
        .hasMessageContaining("--add-exports=java.base/jdk.internal.ref=java.logging");
  }

  @Test
  void formatSaysWhatTheDirectoryHolds() {
    var disk = new DiskFixture(root, 100);
    disk.open(4).close();
    assertThat(disk.folder().resolve("format"))
        .hasContent(
            """
            kvcache disk tier, version: 1
            space: %s
            block bytes: 100
            segment bytes: 65536
            holds: a test
            """
                .formatted(DiskFixture.SPACE));
  }
}
