package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.spi.BlockTier;

class RedisOutageTest {

  private static final int COUNT = 30;
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(2);
  private static final Duration RETRY_AFTER = Duration.ofMillis(100);
  private static final Duration NEVER = Duration.ofDays(1);

  private final SampleBlocks blocks = SampleBlocks.of(COUNT, 20_000);
  private RedisProcess server;

  @BeforeEach
  void start(@TempDir Path folder) {
    server = RedisProcess.in(folder);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** A tier that tries again soon. */
  private BlockTier open() {
    return open(server.uri(), SHORT, RETRY_AFTER);
  }

  private BlockTier open(String uri, Duration timeout, Duration retryAfter) {
    return RedisTier.builder(uri)
        .timeout(timeout)
        .retryAfter(retryAfter)
        .build()
        .factory()
        .apply(blocks.context);
  }

  private void untilAllAreStored(BlockTier tier) {
    Attempts.until(() -> blocks.storeIn(tier) == COUNT);
  }

  private void untilAllAreLoaded(BlockTier tier) {
    Attempts.until(() -> blocks.loadFrom(tier) == COUNT);
    assertThat(blocks.areLoaded(COUNT)).isTrue();
  }

  private void callsAreMisses(BlockTier tier) {
    assertThat(blocks.probeIn(tier)).isZero();
    assertThat(blocks.loadFrom(tier)).isZero();
    assertThat(blocks.storeIn(tier)).isZero();
  }

  @Test
  void killedServerIsAMissUntilItIsBack() {
    try (BlockTier tier = open()) {
      untilAllAreStored(tier);
      untilAllAreLoaded(tier);

      server.kill();
      for (int i = 0; i < 5; i++) {
        callsAreMisses(tier);
      }
      assertThat(tier.status().available()).isFalse();
      assertThat(tier.status().failures()).isPositive();

      server.start();
      untilAllAreStored(tier);
      untilAllAreLoaded(tier);
      assertThat(tier.status().available()).isTrue();
    }
  }

  @Test
  void serverMayStartAfterTheTier() {
    server.kill();
    try (BlockTier tier = open()) {
      callsAreMisses(tier);

      server.start();
      untilAllAreStored(tier);
      untilAllAreLoaded(tier);
    }
  }

  @Test
  void stalledServerIsAMissUntilItGoesOn() {
    try (BlockTier tier = open()) {
      untilAllAreStored(tier);
      untilAllAreLoaded(tier);

      server.stall();
      for (int i = 0; i < 3; i++) {
        callsAreMisses(tier);
      }
      assertThat(tier.status().available()).isFalse();

      server.resume();
      untilAllAreLoaded(tier);
      assertThat(tier.status().available()).isTrue();
    }
  }

  @Test
  void stalledServerIsNotAskedAfterThreeFailures() {
    try (BlockTier tier = open(server.uri(), LONG, NEVER)) {
      untilAllAreStored(tier);
      long before = tier.status().failures();

      server.stall();
      for (int i = 0; i < 20; i++) {
        callsAreMisses(tier);
      }

      assertThat(tier.status().failures() - before).isBetween(1L, 5L);
      assertThat(tier.status().available()).isFalse();
      server.resume();
      callsAreMisses(tier);
    }
  }

  @Test
  void serverThatNeverAnswersIsAMiss() throws IOException {
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        BlockTier tier = open("redis://127.0.0.1:" + silent.getLocalPort(), SHORT, NEVER)) {
      for (int i = 0; i < 20; i++) {
        callsAreMisses(tier);
      }

      assertThat(tier.status().available()).isFalse();
      assertThat(tier.status().failures()).isEqualTo(3);
    }
  }

  @Test
  void connectionThatWentDeadIsReplaced() throws IOException {
    try (var network = new Forwarder(server.port());
        BlockTier tier = open("redis://127.0.0.1:" + network.port(), SHORT, RETRY_AFTER)) {
      untilAllAreStored(tier);

      network.killConnections();
      assertThat(blocks.loadFrom(tier)).isZero();

      untilAllAreLoaded(tier);
    }
  }

  @Test
  void fullServerGivesWhatItHas() {
    try (BlockTier tier = open(server.uri(), LONG, NEVER)) {
      untilAllAreStored(tier);
      server.ask("CONFIG", "SET", "maxmemory", "1");
      server.ask("CONFIG", "SET", "maxmemory-policy", "noeviction");

      var more = SampleBlocks.of(2 * COUNT, 20_000);
      for (int i = 0; i < 10; i++) {
        assertThat(tier.store(more.keys, COUNT, 2 * COUNT, more::block)).isZero();
      }
      assertThat(tier.status().failures()).isEqualTo(1);
      assertThat(tier.status().available()).isTrue();
      untilAllAreLoaded(tier);
      assertThat(tier.status().available()).isTrue();
    }
  }

  @Test
  void serverThatWasFullTakesBlocksAgain() {
    try (BlockTier tier = open()) {
      server.ask("CONFIG", "SET", "maxmemory", "1");
      Attempts.until(() -> blocks.storeIn(tier) == 0 && tier.status().failures() > 0);

      server.ask("CONFIG", "SET", "maxmemory", "0");
      untilAllAreStored(tier);
      untilAllAreLoaded(tier);
    }
  }

  @Test
  void serverThatRefusesReadsIsAMiss() {
    server.ask("CONFIG", "SET", "requirepass", "secret");
    try (BlockTier tier = open(server.uri(), LONG, NEVER)) {
      for (int i = 0; i < 5; i++) {
        callsAreMisses(tier);
      }
      assertThat(tier.status().available()).isFalse();
    }
  }
}
