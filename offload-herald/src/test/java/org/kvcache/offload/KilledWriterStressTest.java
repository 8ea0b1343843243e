package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.BlockKeys;

/** {@code kvcache.soak.cycles} says how often the writer is killed. */
class KilledWriterStressTest {

  private static final int CYCLES = Integer.getInteger("kvcache.soak.cycles", 5);
  private static final int KILLED = 128 + 9;
  private static final int BLOCK = 9_000;

  @TempDir Path root;

  @Test
  void killedWriterLeavesRightBlocksOnly() throws Exception {
    var random = new SplittableRandom(20261128);
    var disk = new DiskFixture(root, BLOCK);
    int capacity = KilledWriter.layout(BLOCK).capacity();
    long served = 0;
    long torn = 0;
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      killWhileWriting(random.nextLong(), random.nextLong(0, 60_000_000));
      try (SegmentTier tier = KilledWriter.open(disk)) {
        torn += tier.status().corruptBlocks();
        assertThat(tier.status().corruptBlocks()).isLessThanOrEqualTo(1);
        long found = loadAll(disk, tier);
        assertThat(found).as("cycle %d", cycle).isEqualTo(tier.status().blocks());
        assertThat(found).isLessThanOrEqualTo(capacity);
        assertThat(disk.segments()).hasSizeLessThanOrEqualTo(KilledWriter.SEGMENTS);
        served += found;
        if (random.nextInt(4) == 0) {
          assertThat(disk.store(tier, DerivedBlocks.range(0, 5))).isPositive(); // ARC may keep one
        }
      }
    }
    assertThat(served).isPositive();
    System.getLogger(getClass().getName())
        .log(
            System.Logger.Level.INFO,
            "{0} kills, {1} blocks served right, {2} torn records cut off",
            CYCLES,
            served,
            torn);
  }

  private static long loadAll(DiskFixture disk, SegmentTier tier) {
    long found = 0;
    for (long name = 0; name < KilledWriter.NAMES; name++) {
      BlockKeys keys = DerivedBlocks.keys(name);
      if (tier.probe(keys, 0, 1) == 1) {
        assertThat(disk.load(tier, keys)).as("block %d", name).isOne();
        found++;
      }
    }
    return found;
  }

  @Test
  void ownerInAnotherProcessIsRespectedUntilItDies() throws Exception {
    var disk = new DiskFixture(root, BLOCK);
    Process writer = start(1);
    try {
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> KilledWriter.open(disk))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(disk.folder().toString())
            .hasMessageContaining("another process has this directory open");
      }
    } finally {
      kill(writer);
    }
    KilledWriter.open(disk).close();
  }

  private void killWhileWriting(long seed, long nanos) throws Exception {
    Process writer = start(seed);
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
      assertThat(writer.isAlive()).as("the writer went on").isTrue();
    } finally {
      kill(writer);
    }
    assertThat(writer.exitValue()).isEqualTo(KILLED);
  }

  private static void kill(Process writer) throws InterruptedException {
    writer.destroyForcibly();
    assertThat(writer.waitFor(1, TimeUnit.MINUTES)).isTrue();
  }

  private Process start(long seed) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("--"))
        .forEach(command::add);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto", "-Xmx64m", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.addAll(
        List.of(
            KilledWriter.class.getName(),
            root.toString(),
            Integer.toString(BLOCK),
            Long.toString(seed)));
    Process writer =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    if (writer.getInputStream().read() != '.') {
      writer.destroyForcibly();
      throw new IllegalStateException("the writer did not start");
    }
    return writer;
  }
}
