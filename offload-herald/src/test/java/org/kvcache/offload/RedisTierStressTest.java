package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.spi.BlockTier;

class RedisTierStressTest {

  private static final int COUNT = 16;
  private static final int ROUNDS = 100;
  private static final int LONGEST_PAUSE_MILLIS = 60;
  private static final List<Logger> QUIET =
      List.of(Logger.getLogger("org.kvcache.offload"), Logger.getLogger("io.lettuce"));

  private final SampleBlocks blocks = SampleBlocks.of(COUNT, 100_000);
  private final MemorySegment before = Arena.ofAuto().allocate(blocks.loaded.byteSize());
  private final AtomicBoolean done = new AtomicBoolean();
  private final AtomicInteger wrong = new AtomicInteger();
  private final AtomicInteger loads = new AtomicInteger();

  @BeforeAll
  static void logNothing() {
    QUIET.forEach(logger -> logger.setLevel(Level.OFF));
  }

  @AfterAll
  static void logAgain() {
    QUIET.forEach(logger -> logger.setLevel(null));
  }

  @Test
  void noWrongBytesWhileTheServerStallsFillsAndDies(@TempDir Path folder) throws Exception {
    try (var server = RedisProcess.in(folder);
        BlockTier tier =
            RedisTier.builder(server.uri())
                .timeout(Duration.ofMillis(40))
                .retryAfter(Duration.ofMillis(5))
                .build()
                .factory()
                .apply(blocks.context)) {
      Thread ownThread = Thread.ofPlatform().start(() -> storeAndLoad(tier));
      Thread prober = Thread.ofPlatform().start(() -> probe(tier));
      var random = new SplittableRandom(11);
      for (int i = 0; i < ROUNDS; i++) {
        disturb(server, random);
      }
      int disturbed = loads.get();
      Attempts.until(() -> loads.get() > disturbed);
      done.set(true);
      ownThread.join();
      prober.join();

      assertThat(wrong).hasValue(0);
      assertThat(tier.status().corruptBlocks()).isZero();
      assertThat(tier.status().failures()).isPositive();
    }
  }

  private void storeAndLoad(BlockTier tier) {
    while (!done.get()) {
      int stored = blocks.storeIn(tier);
      int loaded = blocks.loadFrom(tier);
      before.copyFrom(blocks.loaded);
      if (stored < 0 || stored > COUNT || !blocks.areLoaded(loaded)) {
        wrong.incrementAndGet();
      }
      if (loaded == COUNT) {
        loads.incrementAndGet();
      }
      if (blocks.probeIn(tier) > COUNT || before.mismatch(blocks.loaded) >= 0) {
        wrong.incrementAndGet();
      }
    }
  }

  private void probe(BlockTier tier) {
    while (!done.get()) {
      blocks.probeIn(tier);
      tier.status();
      pause(1);
    }
  }

  private static void disturb(RedisProcess server, SplittableRandom random) {
    int millis = random.nextInt(LONGEST_PAUSE_MILLIS);
    switch (random.nextInt(8)) {
      case 0 -> {
        server.kill();
        pause(millis);
        server.start();
      }
      case 1, 2 -> {
        server.stall();
        pause(millis);
        server.resume();
      }
      case 3 -> {
        server.ask("CONFIG", "SET", "maxmemory", "1");
        pause(millis);
        server.ask("CONFIG", "SET", "maxmemory", "0");
      }
      case 4 -> server.ask("CLIENT", "KILL", "TYPE", "normal");
      case 5, 6 -> server.ask("FLUSHALL");
      default -> pause(millis);
    }
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
