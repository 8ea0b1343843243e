package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.BlockKeys;

class SegmentTierStressTest {

  private static final int BLOCK = 1_000; // 64 in a segment
  private static final int NAMES = 1_000;
  private static final int RUN = 8;
  private static final int CALLS = 3_000;

  @TempDir Path root;

  @Test
  void anyThreadMayProbeWhileOneStoresAndLoads() throws Exception {
    var disk = new DiskFixture(root, BLOCK);
    int capacity = disk.layout(8).capacity();
    try (SegmentTier tier = disk.open(8);
        ExecutorService threads = Executors.newFixedThreadPool(3)) {
      disk.store(tier, DerivedBlocks.range(0, RUN));
      var done = new AtomicBoolean();
      Callable<Long> prober = () -> probeUntil(done, tier, capacity);
      List<Future<Long>> probers = List.of(threads.submit(prober), threads.submit(prober));
      try {
        work(disk, tier, CALLS);
      } finally {
        done.set(true);
      }
      for (Future<Long> probes : probers) {
        assertThat(probes.get()).isPositive();
      }
      assertThat(tier.status().corruptBlocks()).isZero();
      assertThat(tier.status().failures()).isZero();
    }
  }

  @Test
  void closingWaitsForTheWorkerAndEndsItsWork() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 20; round++) {
        var disk = new DiskFixture(root.resolve("round" + round), BLOCK);
        SegmentTier tier = disk.open(8);
        List<Future<?>> workers = new ArrayList<>();
        workers.add(
            threads.submit(() -> {
              work(disk, tier, 1);
              while (tier.status().available()) {
                work(disk, tier, 1);
              }
            }));
        while (tier.status().blocks() == 0) {
          Thread.onSpinWait();
        }
        workers.add(threads.submit(tier::close));
        tier.close();
        for (Future<?> worker : workers) {
          worker.get();
        }
        assertThat(tier.probe(DerivedBlocks.range(0, NAMES), 0, NAMES)).isZero();
        disk.open(8).close();
      }
    }
  }

  private static void work(DiskFixture disk, SegmentTier tier, int calls) {
    var random = new SplittableRandom(3);
    for (int i = 0; i < calls; i++) {
      int from = random.nextInt(NAMES - RUN);
      BlockKeys keys = DerivedBlocks.range(from, from + RUN);
      // One run stays in use, so that each probe of it must find all of it.
      assertThat(disk.load(tier, DerivedBlocks.range(0, RUN))).isIn(0, RUN);
      disk.store(tier, keys);
      assertThat(disk.load(tier, keys)).isNotNegative();
      disk.store(tier, DerivedBlocks.range(0, RUN));
    }
  }

  private static long probeUntil(AtomicBoolean done, SegmentTier tier, int capacity) {
    BlockKeys kept = DerivedBlocks.range(0, RUN);
    BlockKeys all = DerivedBlocks.range(0, NAMES);
    long probes = 0;
    do {
      assertThat(tier.probe(kept, 0, RUN)).isEqualTo(RUN);
      assertThat(tier.probe(all, 0, NAMES)).isBetween(RUN, capacity);
      assertThat(tier.status().blocks()).isBetween((long) RUN, (long) capacity);
      probes++;
    } while (!done.get());
    return probes;
  }
}
