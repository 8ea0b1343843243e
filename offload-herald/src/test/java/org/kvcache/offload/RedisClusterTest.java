package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.spi.BlockTier;

class RedisClusterTest {

  private static final int COUNT = 50;

  private final SampleBlocks blocks = SampleBlocks.of(COUNT, 2_000);

  private BlockTier open(RedisProcess node) {
    return RedisTier.builder(node.uri())
        .cluster(true)
        .timeout(Duration.ofSeconds(5))
        .retryAfter(Duration.ofMillis(100))
        .build()
        .factory()
        .apply(blocks.context);
  }

  @Test
  void blocksAreSpreadOverSlotsAndComeBack(@TempDir Path folder) {
    try (var node = RedisProcess.clusterIn(folder);
        BlockTier tier = open(node)) {
      assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);

      assertThat(blocks.probeIn(tier)).isEqualTo(COUNT);
      assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
      assertThat(blocks.areLoaded(COUNT)).isTrue();
      assertThat(node.ask("CLUSTER", "KEYSLOT", blocks.redisKey(0)))
          .isNotEqualTo(node.ask("CLUSTER", "KEYSLOT", blocks.redisKey(1)));
    }
  }

  @Test
  void killedNodeIsAMissUntilItIsBack(@TempDir Path folder) {
    try (var node = RedisProcess.clusterIn(folder);
        BlockTier tier = open(node)) {
      assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);

      node.kill();
      for (int i = 0; i < 5; i++) {
        assertThat(blocks.loadFrom(tier)).isZero();
      }
      assertThat(tier.status().available()).isFalse();

      node.start();
      Attempts.until(() -> blocks.storeIn(tier) == COUNT);
      assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
      assertThat(blocks.areLoaded(COUNT)).isTrue();
    }
  }
}
