package org.kvcache.offload.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.Retrieval;
import org.kvcache.RetrievalStats;

/** Several sequences at once that cancel, cut back and give up, on a small device that fails. */
class SparseServingStressTest {

  private static final int SEQUENCES = 4;
  private static final int ROUNDS = Integer.getInteger("kvcache.stress.rounds", 12);

  @ParameterizedTest
  @ValueSource(strings = {"host", "host:1GB/s+20us", "faulty:0.1"})
  void everyAnswerIsTheOneOfAttentionToEverything(String device)
      throws InterruptedException, ExecutionException {
    long slot = 3L * 2 * 2 * 16 * 64 * 4;
    try (KvCache cache =
            KvCache.open(
                KvCacheConfig.builder()
                    .shape(NeedleEngine.SHAPE)
                    .blockTokens(NeedleEngine.BLOCK)
                    .memory(64 << 20)
                    .scheme("f32")
                    .backend("decoding")
                    .retrieval(
                        Retrieval.builder()
                            .retriever("exact")
                            .budget(0.1)
                            .minTokens(64)
                            .device(device)
                            .deviceBytes(60 * slot)
                            .recallEvery(3)
                            .build())
                    .build());
        var threads = Executors.newFixedThreadPool(SEQUENCES)) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < SEQUENCES; i++) {
        long seed = i + 1;
        running.add(threads.submit(() -> serve(cache, seed)));
      }
      for (Future<?> each : running) {
        each.get();
      }
      RetrievalStats stats = cache.stats().retrieval();
      assertThat(stats.aheadLayers()).isPositive();
      assertThat(stats.movedPages()).isPositive();
      assertThat(cache.stats().openSequences()).isZero();
      assertThat(cache.clear()).isTrue();
    }
  }

  private static void serve(KvCache cache, long seed) {
    var random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      var engine = new NeedleEngine(9, new int[] {16, 16, 4, 32}[random.nextInt(4)], 0.05);
      try (KvSequence sequence = engine.begin(cache, 200 + random.nextInt(300))) {
        for (int block = random.nextInt(6); block >= 0; block--) {
          engine.block(sequence, 1 + random.nextInt(2), 0.2);
          if (random.nextInt(5) == 0) {
            sequence.truncate(150 + random.nextInt(sequence.length() - 150));
          }
        }
      }
    }
  }
}
