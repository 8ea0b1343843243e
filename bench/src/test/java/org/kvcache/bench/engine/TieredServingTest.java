package org.kvcache.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.ByteSize;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.SequenceOptions;
import org.kvcache.TierStats;
import org.kvcache.bench.model.InductionModel;
import org.kvcache.bench.model.UniqueText;
import org.kvcache.bench.model.Vocabulary;
import org.kvcache.offload.DiskTier;
import org.kvcache.offload.RedisTier;
import org.kvcache.spi.TierSpec.StoreWhen;
import redis.embedded.RedisServer;

/** The engine over real tiers: what is right in memory stays right from a disk and a server. */
class TieredServingTest {

  private static final String TEXT = new UniqueText(21).next(400);
  private static final int[] PROMPT = Vocabulary.encode(TEXT + TEXT.substring(0, 4));
  private static final int ANSWER = 20;
  private static final int FULL = (PROMPT.length - 1) / 16 * 16;

  @TempDir static Path directory;
  private static Decoder decoder;

  @BeforeAll
  static void write() {
    InductionModel.write(directory);
    decoder = Decoder.read(directory);
  }

  private static KvCacheConfig.Builder config(String scheme) {
    return KvCacheConfig.builder()
        .model("induction")
        .shape(decoder.config().kvShape())
        .scheme(scheme)
        .policy("arc")
        .promotionTimeout(Duration.ofSeconds(20))
        .memory(ByteSize.mib(8));
  }

  private static int served(KvCache cache) {
    var generator = new Generator(decoder, Vocabulary.END);
    Generation generation = generator.generate(cache, PROMPT, ANSWER, SequenceOptions.DEFAULT);
    int[] answer = generation.answer();
    assertThat(Vocabulary.decode(answer, 0, answer.length))
        .isEqualTo(TEXT.substring(4, 4 + ANSWER));
    return generation.cachedTokens();
  }

  @Test
  void aRestartFindsThePromptOnDisk(@TempDir Path folder) {
    UnaryOperator<KvCacheConfig.Builder> withDisk =
        builder -> builder.tier(DiskTier.at(folder, ByteSize.mib(64)));
    for (int expected : new int[] {0, FULL, FULL}) {
      try (KvCache cache = KvCache.open(withDisk.apply(config("lm16")).build())) {
        assertThat(served(cache)).isEqualTo(expected);
        TierStats disk = cache.stats().tiers().getFirst();
        assertThat(disk.loadedTokens()).isEqualTo(expected);
        assertThat(disk.corruptBlocks()).isZero();
      }
    }
    try (KvCache cache = KvCache.open(withDisk.apply(config("mxfp4")).build())) {
      assertThat(served(cache)).isZero(); // another scheme shares the path and nothing else
    }
  }

  @Test
  void whatMemoryEvictsComesBackFromDisk(@TempDir Path folder) {
    var disk = DiskTier.at(folder, ByteSize.mib(64)).storing(StoreWhen.EVICTED);
    try (KvCache cache =
        KvCache.open(config("lm16").memory(600 << 10).spareBlocks(16).tier(disk).build())) {
      assertThat(served(cache)).isZero();
      var generator = new Generator(decoder, Vocabulary.END);
      for (int i = 0; i < 3; i++) {
        int[] other = Vocabulary.encode(new UniqueText(100 + i).next(250));
        generator.generate(cache, other, 1, SequenceOptions.DEFAULT);
      }
      cache.flush();
      assertThat(cache.stats().blocks().evictedDemoted()).isPositive();
      assertThat(served(cache)).isEqualTo(FULL);
      assertThat(cache.stats().promotedTokens()).isPositive();
    }
  }

  @Test
  void cachesShareAServerAndLiveWithoutIt(@TempDir Path folder) throws Exception {
    int port = freePort();
    String uri = "redis://127.0.0.1:" + port;
    RedisServer server = start(port);
    try (KvCache first = open(uri, folder.resolve("a"));
        KvCache second = open(uri, folder.resolve("b"))) {
      assertThat(served(first)).isZero();
      first.flush();
      assertThat(served(second)).isEqualTo(FULL);
      assertThat(second.stats().tiers().get(1).loadedTokens()).isEqualTo(FULL);

      server.stop();
      assertThat(second.clear()).isTrue();
      second.flush(); // into its disk tier, which now has what came from the server
      try (KvCache third = open(uri, folder.resolve("c"))) {
        assertThat(served(third)).isZero();
        assertThat(served(third)).isEqualTo(FULL); // from memory
        server = start(port); // empty
        for (int i = 0; i < 400 && !third.stats().tiers().get(1).available(); i++) {
          served(third);
          Thread.sleep(50);
        }
        assertThat(third.stats().tiers().get(1).available()).isTrue();
      }
    } finally {
      server.stop();
    }
  }

  private static KvCache open(String uri, Path folder) throws IOException {
    Files.createDirectories(folder);
    return KvCache.open(
        config("lm16")
            .tier(DiskTier.at(folder, ByteSize.mib(16)))
            .tier(RedisTier.builder(uri).timeout(Duration.ofSeconds(5)).build())
            .build());
  }

  private static RedisServer start(int port) throws IOException {
    RedisServer server = RedisServer.newRedisServer().port(port).bind("127.0.0.1").build();
    server.start();
    return server;
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
