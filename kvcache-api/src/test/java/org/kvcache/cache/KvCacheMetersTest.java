package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleConfig;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.kvcache.KvCache;
import org.kvcache.KvCacheMeters;
import org.kvcache.KvSequence;
import org.kvcache.spi.TierSpec.StoreWhen;

class KvCacheMetersTest {

  private static final String PROMPT = "the quick brown fox"; // 19 tokens, 4 full blocks
  private static final int BLOCKS = 6 + 32; // spare ones are for the tier

  private final MockClock clock = new MockClock();
  private final MeterRegistry registry = new SimpleMeterRegistry(SimpleConfig.DEFAULT, clock);
  private final Rows rows = new Rows(Caches.SHAPE);
  private final HeapTier tier = new HeapTier();
  private final KvCache cache =
      Caches.open(
          BLOCKS, builder -> builder.model("tiny").tier(tier.spec("heap", StoreWhen.EVICTED)));

  @AfterEach
  void close() {
    cache.close();
    registry.close();
  }

  private void serve(String text) {
    int[] tokens = Caches.tokens(text);
    try (KvSequence sequence = cache.begin(tokens)) {
      rows.prefill(sequence, tokens, "");
    }
  }

  private void later() {
    clock.add(Duration.ofSeconds(1));
  }

  private double counter(String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  private double gauge(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  @Test
  void tokensByWhereTheyWereFound() {
    new KvCacheMeters(cache).bindTo(registry);
    serve(PROMPT);
    serve(PROMPT);
    assertThat(counter("kvcache.prefix.tokens", "result", "hit", "place", "memory")).isEqualTo(16);
    assertThat(counter("kvcache.prefix.tokens", "result", "hit", "place", "tiers")).isZero();
    assertThat(counter("kvcache.prefix.tokens", "result", "miss")).isEqualTo(38 - 16);
    assertThat(counter("kvcache.committed.tokens", "model", "tiny")).isEqualTo(19 + 3);
  }

  @Test
  void blocksByState() {
    new KvCacheMeters(cache).bindTo(registry);
    serve(PROMPT);
    int slots = cache.stats().blocks().slots();
    try (KvSequence sequence = cache.begin(Caches.tokens(PROMPT.substring(0, 10)))) {
      assertThat(sequence.tryReserve(2)).isTrue();
      assertThat(gauge("kvcache.blocks", "state", "pinned")).isEqualTo(2);
      assertThat(gauge("kvcache.blocks", "state", "cached")).isEqualTo(2);
      assertThat(gauge("kvcache.blocks", "state", "private")).isEqualTo(1);
      assertThat(gauge("kvcache.blocks", "state", "free")).isEqualTo(slots - 5);
      assertThat(gauge("kvcache.sequences")).isEqualTo(1);
      assertThat(gauge("kvcache.memory")).isEqualTo(BLOCKS * Caches.BLOCK_BYTES);
    }
  }

  @Test
  void evictionsAndTheTier() {
    new KvCacheMeters(cache).bindTo(registry);
    serve(PROMPT);
    serve(PROMPT);
    serve("jumps over a lazy dog");
    cache.flush();
    serve(PROMPT);
    cache.flush();
    double demoted = counter("kvcache.evictions", "outcome", "demoted", "policy", "leaf-lru");
    double deleted = counter("kvcache.evictions", "outcome", "deleted");
    var blocks = cache.stats().blocks();
    assertThat(demoted).isPositive().isEqualTo(blocks.evictedDemoted());
    assertThat(deleted).isEqualTo(blocks.evictedDeleted());
    var stats = cache.stats().tiers().getFirst();
    assertThat(counter("kvcache.tier.blocks", "direction", "offload", "result", "ok"))
        .isPositive()
        .isEqualTo(stats.storedBlocks());
    assertThat(counter("kvcache.tier.blocks", "direction", "onboard", "result", "ok"))
        .isPositive()
        .isEqualTo(stats.loadedBlocks());
    assertThat(counter("kvcache.prefix.tokens", "place", "tiers"))
        .isEqualTo(counter("kvcache.tier.tokens", "tier", "heap"))
        .isEqualTo(Caches.BLOCK * (double) stats.loadedBlocks());
    assertThat(gauge("kvcache.tier.held")).isEqualTo(tier.blocks.size());
    assertThat(gauge("kvcache.tier.available")).isEqualTo(1);
    var load = registry.get("kvcache.tier.load").tag("tier", "heap").functionTimer();
    assertThat(load.count()).isEqualTo(1);
    assertThat(load.totalTime(TimeUnit.NANOSECONDS))
        .isCloseTo(stats.loadNanos(), withinPercentage(1e-9)); // through seconds and back
  }

  @Test
  void allMetersOfAScrapeAreOfOneSnapshot() {
    new KvCacheMeters(cache).bindTo(registry);
    assertThat(counter("kvcache.committed.tokens")).isZero();
    serve(PROMPT);
    assertThat(gauge("kvcache.blocks", "state", "cached")).isZero();
    later();
    assertThat(gauge("kvcache.blocks", "state", "cached")).isEqualTo(4);
    assertThat(counter("kvcache.committed.tokens")).isEqualTo(19);
  }

  @Test
  void closedCacheKeepsItsLastValues() {
    new KvCacheMeters(cache).bindTo(registry);
    serve(PROMPT);
    assertThat(counter("kvcache.committed.tokens")).isEqualTo(19);
    cache.close();
    later();
    assertThat(counter("kvcache.committed.tokens")).isEqualTo(19);
  }

  @Test
  void vllmNamesOnRequest() {
    new KvCacheMeters(cache, Tags.of("engine", "0")).bindTo(registry);
    assertThat(registry.find("vllm:prefix_cache_hits").meters()).isEmpty();
    new KvCacheMeters(cache, Tags.of("engine", "1")).withVllmNames().bindTo(registry);
    serve(PROMPT);
    serve(PROMPT);
    String[] tags = {"model_name", "tiny", "engine", "1"};
    assertThat(counter("vllm:prefix_cache_queries", tags)).isEqualTo(38);
    assertThat(counter("vllm:prefix_cache_hits", tags)).isEqualTo(16);
    assertThat(counter("vllm:external_prefix_cache_queries", tags)).isEqualTo(22);
    assertThat(counter("vllm:external_prefix_cache_hits", tags)).isZero();
    int slots = cache.stats().blocks().slots();
    later();
    try (KvSequence sequence = cache.begin(Caches.tokens(PROMPT))) {
      assertThat(sequence.matched()).isEqualTo(16);
      assertThat(gauge("vllm:kv_cache_usage_perc", tags)).isEqualTo(4.0 / slots);
    }
  }
}
