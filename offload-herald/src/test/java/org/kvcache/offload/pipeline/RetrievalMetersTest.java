package org.kvcache.offload.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvCacheMeters;
import org.kvcache.KvSequence;
import org.kvcache.Retrieval;
import org.kvcache.RetrievalStats;

class RetrievalMetersTest {

  /** Chosen, seen whole, and in host memory because the device fails. */
  @ParameterizedTest
  @CsvSource({"64, host", "1000, host", "64, faulty:1"})
  void metersShowWhatWasDone(int minTokens, String device) {
    var retrieval =
        Retrieval.builder()
            .retriever("exact")
            .minTokens(minTokens)
            .device(device)
            .deviceBytes(8 << 20)
            .recallEvery(1);
    var config =
        KvCacheConfig.builder()
            .shape(NeedleEngine.SHAPE)
            .memory(64 << 20)
            .scheme("f32")
            .backend("decoding")
            .retrieval(retrieval.build());
    var registry = new SimpleMeterRegistry();
    try (KvCache cache = KvCache.open(config.build())) {
      var engine = new NeedleEngine(3, 16, 0.05);
      try (KvSequence sequence = engine.begin(cache, 400)) {
        for (int i = 0; i < 3; i++) {
          engine.block(sequence, 2, 0);
        }
      }
      new KvCacheMeters(cache).bindTo(registry); // takes its snapshot now
      RetrievalStats stats = cache.stats().retrieval();
      String layers = "kvcache.retrieval.layers";
      assertThat(counter(registry, layers, "choice", "chosen")).isEqualTo(stats.chosenLayers());
      assertThat(counter(registry, layers, "choice", "whole")).isEqualTo(stats.wholeLayers());
      assertThat(counter(registry, layers, "choice", "host")).isEqualTo(stats.hostLayers());
      assertThat(stats.chosenLayers() + stats.wholeLayers() + stats.hostLayers()).isPositive();
      assertThat(counter(registry, "kvcache.retrieval.ahead", "retriever", "exact"))
          .isEqualTo(stats.aheadLayers());
      String pages = "kvcache.retrieval.pages";
      assertThat(counter(registry, pages, "result", "moved")).isEqualTo(stats.movedPages());
      assertThat(counter(registry, pages, "result", "reused"))
          .isEqualTo(stats.wantedPages() - stats.movedPages())
          .isNotNegative();
      assertThat(counter(registry, "kvcache.retrieval.moved")).isEqualTo(stats.movedBytes());
      assertThat(counter(registry, "kvcache.retrieval.tail"))
          .isEqualTo(stats.tailBytes())
          .isPositive();
      assertThat(counter(registry, "kvcache.retrieval.keys")).isEqualTo(stats.scannedKeys());
      assertThat(counter(registry, "kvcache.retrieval.repeated")).isEqualTo(stats.repeatedReads());
      assertThat(counter(registry, "kvcache.retrieval.dropped"))
          .isEqualTo(stats.droppedLookAheads());
      assertThat(counter(registry, "kvcache.retrieval.raises")).isEqualTo(stats.raises());
      assertThat(gauge(registry, "kvcache.retrieval.recall")).isEqualTo(stats.recall());
      assertThat(gauge(registry, "kvcache.retrieval.overlap")).isBetween(0.0, 1.0);
    }
  }

  private static double counter(SimpleMeterRegistry registry, String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  private static double gauge(SimpleMeterRegistry registry, String name) {
    return registry.get(name).gauge().value();
  }
}
