package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.BlockKey;
import org.kvcache.spi.BlockTier;
import org.kvcache.spi.TierContext;
import org.kvcache.spi.TierSpec.StoreWhen;

class RedisTierTest {

  private static final int COUNT = 40;
  private static final int BLOCK_BYTES = 3000;

  private static RedisProcess server;

  private final SampleBlocks blocks = SampleBlocks.of(COUNT, BLOCK_BYTES);
  private BlockTier tier;

  @BeforeAll
  static void startServer(@TempDir Path folder) {
    server = RedisProcess.in(folder);
  }

  @AfterAll
  static void stopServer() {
    server.close();
  }

  @BeforeEach
  void open() {
    server.ask("FLUSHALL");
    tier = open(patient());
  }

  @AfterEach
  void close() {
    tier.close();
  }

  private static RedisTier.Builder patient() {
    return RedisTier.builder(server.uri()).timeout(Duration.ofSeconds(20));
  }

  private BlockTier open(RedisTier.Builder settings) {
    return settings.build().factory().apply(blocks.context);
  }

  private void put(int index, byte[] value) {
    assertThat(server.ask("SET", blocks.redisKey(index), value)).isEqualTo("+OK");
  }

  @Test
  void storedBlocksComeBack() {
    assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);

    assertThat(blocks.probeIn(tier)).isEqualTo(COUNT);
    assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
    assertThat(blocks.areLoaded(COUNT)).isTrue();
    assertThat(server.ask("DBSIZE")).isEqualTo(":" + COUNT);
  }

  @Test
  void batchesMayBeSmallerThanTheRequest() {
    try (BlockTier small = open(patient().batchBytes(7 * BlockRecord.bytes(BLOCK_BYTES)))) {
      assertThat(blocks.storeIn(small)).isEqualTo(COUNT);
      assertThat(blocks.loadFrom(small)).isEqualTo(COUNT);
      assertThat(blocks.areLoaded(COUNT)).isTrue();
    }
  }

  @Test
  void batchHasAtLeastOneBlock() {
    try (BlockTier single = open(patient().batchBytes(1))) {
      assertThat(blocks.storeIn(single)).isEqualTo(COUNT);
      assertThat(blocks.loadFrom(single)).isEqualTo(COUNT);
      assertThat(blocks.areLoaded(COUNT)).isTrue();
    }
  }

  @Test
  void partsOfTheKeysAreStoredAndLoaded() {
    assertThat(tier.store(blocks.keys, 10, 20, blocks::block)).isEqualTo(10);

    assertThat(tier.probe(blocks.keys, 0, COUNT)).isZero();
    assertThat(tier.probe(blocks.keys, 12, COUNT)).isEqualTo(8);
    assertThat(tier.load(blocks.keys, 12, COUNT, blocks::loadedBlock)).isEqualTo(8);
    assertThat(blocks.loadedBlock(19).mismatch(blocks.block(19))).isEqualTo(-1);
    assertThat(tier.load(blocks.keys, 5, 5, blocks::loadedBlock)).isZero();
  }

  @Test
  void onlyLeadingBlocksAreLoaded() {
    blocks.storeIn(tier);
    server.ask("DEL", blocks.redisKey(3));

    assertThat(blocks.probeIn(tier)).isEqualTo(3);
    assertThat(blocks.loadFrom(tier)).isEqualTo(3);
    assertThat(blocks.areLoaded(3)).isTrue();
    assertThat(tier.status().corruptBlocks()).isZero();
  }

  @Test
  void moreKeysThanOneProbeAsksForAreProbed() {
    var many = SampleBlocks.of(1000, 8);
    many.storeIn(tier);
    server.ask("DEL", many.redisKey(700));

    assertThat(many.probeIn(tier)).isEqualTo(700);
  }

  @Test
  void storedBlocksAreNotSentAgain() {
    blocks.storeIn(tier);
    server.ask("CONFIG", "RESETSTAT");

    assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);

    assertThat(server.ask("INFO", "commandstats"))
        .contains("cmdstat_exists:calls=" + COUNT)
        .doesNotContain("cmdstat_set:");
  }

  @Test
  void onlyMissingBlocksAreSent() {
    tier.store(blocks.keys, 0, 15, blocks::block);

    assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);
    assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
    assertThat(blocks.areLoaded(COUNT)).isTrue();
  }

  @Test
  void tiersOfOneServerShareBlocks() {
    blocks.storeIn(tier);

    try (BlockTier other = open(patient())) {
      assertThat(blocks.loadFrom(other)).isEqualTo(COUNT);
      assertThat(blocks.areLoaded(COUNT)).isTrue();
    }
  }

  @Test
  void otherSpacesSeeNothing() {
    blocks.storeIn(tier);

    var context = new TierContext(new BlockKey(1, 2), "other", BLOCK_BYTES, 0);
    try (BlockTier other = patient().build().factory().apply(context)) {
      assertThat(blocks.probeIn(other)).isZero();
      assertThat(blocks.loadFrom(other)).isZero();
    }
  }

  @Test
  void recordUnderTheWrongKeyIsAMiss() {
    blocks.storeIn(tier);
    put(4, blocks.record(5));

    assertThat(blocks.loadFrom(tier)).isEqualTo(4);
    assertThat(tier.status().corruptBlocks()).isEqualTo(1);
  }

  @Test
  void flippedBitIsAMiss() {
    byte[] right = blocks.record(0);
    int found = 0;
    for (int at = 0; at < right.length; at += 61) {
      byte[] wrong = right.clone();
      wrong[at] ^= (byte) (1 << at % 8);
      put(0, wrong);
      assertThat(blocks.loadFrom(tier)).isZero();
      assertThat(tier.status().corruptBlocks()).isEqualTo(++found);
    }
  }

  @Test
  void valueOfAnotherLengthIsAMiss() {
    byte[] right = blocks.record(0);
    for (int length :
        new int[] {0, 1, BlockRecord.HEADER_BYTES, right.length - 1, right.length + 1}) {
      long before = tier.status().corruptBlocks();
      put(0, Arrays.copyOf(right, length));
      assertThat(blocks.loadFrom(tier)).isZero();
      assertThat(tier.status().corruptBlocks()).isEqualTo(before + 1);
    }
  }

  @Test
  void valueOfAnotherTypeIsAMiss() {
    server.ask("LPUSH", blocks.redisKey(0), "x");

    assertThat(blocks.loadFrom(tier)).isZero();
    assertThat(tier.status().corruptBlocks()).isEqualTo(1);
    assertThat(tier.status().available()).isTrue();
  }

  @Test
  void brokenRecordIsDeletedAndStoredAnew() {
    blocks.storeIn(tier);
    put(6, new byte[100]);
    assertThat(blocks.loadFrom(tier)).isEqualTo(6);

    assertThat(blocks.probeIn(tier)).isEqualTo(6);
    assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);
    assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
    assertThat(blocks.areLoaded(COUNT)).isTrue();
    assertThat(tier.status().corruptBlocks()).isEqualTo(1);
  }

  @Test
  void blocksStayAsLongAsTheServerLikes() {
    blocks.storeIn(tier);

    assertThat(server.ask("PTTL", blocks.redisKey(0))).isEqualTo(":-1");
  }

  @Test
  void blocksExpire() {
    try (BlockTier mortal = open(patient().timeToLive(Duration.ofHours(1)))) {
      blocks.storeIn(mortal);
    }

    long millis = Long.parseLong(server.ask("PTTL", blocks.redisKey(0)).substring(1));
    assertThat(millis).isBetween(1L, 3_600_000L);
  }

  @Test
  void keysBeginWithThePrefix() {
    try (BlockTier other = open(patient().keyPrefix("mine/"))) {
      tier.store(blocks.keys, 0, 1, blocks::block);
      other.store(blocks.keys, 0, 1, blocks::block);
    }

    assertThat(server.ask("KEYS", "mine/*")).startsWith("mine/" + SampleBlocks.SPACE);
    assertThat(server.ask("DBSIZE")).isEqualTo(":2");
  }

  @Test
  void statusTellsThatTheServerAnswers() {
    blocks.storeIn(tier);

    assertThat(tier.status().available()).isTrue();
    assertThat(tier.status().failures()).isZero();
    assertThat(tier.probesMemory()).isFalse();
  }

  @Test
  void closedTierMissesAndEndsItsThreads() {
    blocks.storeIn(tier);
    tier.close();
    tier.close();

    assertThat(blocks.probeIn(tier)).isZero();
    assertThat(blocks.loadFrom(tier)).isZero();
    assertThat(blocks.storeIn(tier)).isZero();
    Attempts.until(() ->
        Thread.getAllStackTraces().keySet().stream()
            .noneMatch(thread -> thread.getName().startsWith("lettuce")));
  }

  @Test
  void interruptedCallIsAMissAndNoFailure() {
    blocks.storeIn(tier);

    server.stall();
    try {
      Thread.currentThread().interrupt();
      assertThat(blocks.loadFrom(tier)).isZero();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
      server.resume();
    }

    assertThat(tier.status().failures()).isZero();
    assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
  }

  @Test
  void blocksAreStoredWhenCommittedUnlessToldOtherwise() {
    assertThat(RedisTier.at(server.uri()).when()).isEqualTo(StoreWhen.COMMITTED);
    assertThat(RedisTier.at(server.uri()).name()).isEqualTo("redis");
  }

  @Test
  void blockLargerThanAValueIsRefused() {
    var context = new TierContext(SampleBlocks.SPACE, "large", 512L << 20, 0);

    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisTier.at(server.uri()).factory().apply(context))
        .withMessageContaining("512 MiB");
  }
}
