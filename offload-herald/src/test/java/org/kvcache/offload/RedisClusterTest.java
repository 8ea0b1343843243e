package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.spi.BlockTier;

class RedisClusterTest {

  private static final int COUNT = 50;
  private static final int NODES = 3;

  private final SampleBlocks blocks = SampleBlocks.of(COUNT, 2_000);
  private RedisCluster cluster;
  private BlockTier tier;

  @BeforeEach
  void start(@TempDir Path folder) {
    cluster = RedisCluster.in(folder, NODES);
    tier =
        RedisTier.builder(cluster.nodes.getFirst().uri(), cluster.nodes.getLast().uri())
            .timeout(Duration.ofSeconds(5))
            .retryAfter(Duration.ofMillis(100))
            .build()
            .factory()
            .apply(blocks.context);
  }

  @AfterEach
  void stop() {
    tier.close();
    cluster.close();
  }

  @Test
  void blocksAreSpreadOverNodesAndComeBack() {
    assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);

    assertThat(cluster.nodes)
        .allSatisfy(node -> assertThat(node.ask("DBSIZE")).isNotIn(":0", ":" + COUNT));
    assertThat(blocks.probeIn(tier)).isEqualTo(COUNT);
    assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
    assertThat(blocks.areLoaded(COUNT)).isTrue();
  }

  @Test
  void redirectionsAreFollowed() {
    assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);
    String key = blocks.redisKey(0);
    cluster.nodes.forEach(node -> node.ask("DEL", key));
    RedisProcess heir = cluster.giveSlotAway(key);

    assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);

    assertThat(heir.ask("EXISTS", key)).isEqualTo(":1");
    assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
    assertThat(blocks.areLoaded(COUNT)).isTrue();
  }

  @Test
  void killedNodeIsAMissUntilItIsBack() {
    assertThat(blocks.storeIn(tier)).isEqualTo(COUNT);

    cluster.nodes.getLast().kill();
    for (int i = 0; i < 5; i++) {
      assertThat(blocks.loadFrom(tier)).isLessThan(COUNT);
    }

    cluster.nodes.getLast().start();
    Attempts.until(() -> blocks.storeIn(tier) == COUNT);
    assertThat(blocks.loadFrom(tier)).isEqualTo(COUNT);
    assertThat(blocks.areLoaded(COUNT)).isTrue();
  }
}
