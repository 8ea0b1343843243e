package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;
import org.kvcache.SequenceOptions;
import org.kvcache.SequenceOptions.Promotion;
import org.kvcache.spi.TierSpec.StoreWhen;

@Timeout(60)
class ParallelAppendTest {

  private static final int THREADS = 6;
  private static final int[] TOKENS =
      Caches.tokens("the quick brown fox jumps over the lazy dog, ");

  private final Rows rows = new Rows(Caches.SHAPE);
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  private void put(KvSequence sequence, int[] tokens, int layer, int position) {
    float[] k = rows.key(tokens, position, "", layer);
    sequence.append(layer, position, k, 0, rows.value(tokens, position, "", layer), 0);
  }

  private void appendAll(KvSequence sequence, int[] tokens) throws Exception {
    var barrier = new CyclicBarrier(THREADS);
    List<Callable<Void>> work = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int first = t;
      work.add(() -> {
        barrier.await();
        for (int i = first; i < 2 * tokens.length; i += THREADS) {
          put(sequence, tokens, i % 2, i / 2);
        }
        return null;
      });
    }
    for (Future<Void> done : threads.invokeAll(work)) {
      done.get();
    }
  }

  @ParameterizedTest
  @CsvSource({"plain, false", "plain, true", "plain4, false"})
  void distinctRowsAndTheRoomForThem(String scheme, boolean staged) throws Exception {
    try (KvCache cache = Caches.open(16, builder -> builder.scheme(scheme).staged(staged))) {
      for (int round = 0; round < 100; round++) {
        int[] tokens = TOKENS.clone();
        tokens[0] = round;
        try (KvSequence sequence = cache.begin(new int[0])) {
          appendAll(sequence, tokens);
          sequence.commit(tokens, 0, tokens.length);
          rows.check(sequence, tokens, "");
        }
      }
      KvCacheProperties.assertAllIsBack(cache);
    }
  }

  @Test
  void theyMakeTheRoomWhileAPromotionIsGivenUp() throws Exception {
    var tier = new HeapTier();
    try (KvCache cache =
        Caches.open(
            16 + 16,
            builder -> builder.spareBlocks(16).tier(tier.spec("heap", StoreWhen.COMMITTED)))) {
      try (KvSequence sequence = cache.begin(TOKENS)) {
        rows.prefill(sequence, TOKENS, "");
      }
      for (int round = 0; round < 50; round++) {
        cache.flush();
        assertThat(cache.clear()).isTrue();
        tier.gate = new CountDownLatch(1);
        var background = SequenceOptions.DEFAULT.withPromotion(Promotion.BACKGROUND);
        try (KvSequence sequence = cache.begin(TOKENS, background)) {
          assertThat(sequence.expected()).isEqualTo(44);
          appendAll(sequence, TOKENS);
          tier.gate.countDown();
          sequence.commit(TOKENS, 0, TOKENS.length);
          rows.check(sequence, TOKENS, "");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closeByAnotherThreadStopsThemAndHarmsNobody(boolean staged) throws Exception {
    try (KvCache cache = Caches.open(24, builder -> builder.staged(staged))) {
      int[] others = Caches.tokens("a neighbour of them");
      try (KvSequence neighbour = cache.begin(others)) {
        rows.prefill(neighbour, others, "");
        for (int round = 0; round < 60; round++) {
          KvSequence sequence = cache.begin(new int[0]);
          put(sequence, TOKENS, 0, 0);
          put(sequence, TOKENS, 1, 0);
          sequence.commit(TOKENS, 0, 1);
          var barrier = new CyclicBarrier(THREADS);
          List<Callable<Integer>> work = new ArrayList<>();
          for (int t = 1; t < THREADS; t++) {
            int layer = t % 2;
            boolean writes = t < 4;
            int thread = t;
            work.add(() -> {
              barrier.await();
              return use(sequence, layer, writes, thread);
            });
          }
          int spins = 200 * (round % 20);
          work.add(() -> {
            barrier.await();
            for (int i = 0; i < spins; i++) {
              Thread.onSpinWait();
            }
            sequence.close();
            try (KvSequence next = cache.begin(new int[0])) {
              rows.append(next, others, 0, others.length, "");
              next.commit(others, 0, others.length);
              rows.check(next, others, "");
            }
            return 0;
          });
          for (Future<Integer> done : threads.invokeAll(work)) {
            done.get();
          }
          rows.check(neighbour, others, "");
        }
      }
      KvCacheProperties.assertAllIsBack(cache);
    }
  }

  /** Writes or reads until it is told that the sequence is closed. */
  private int use(KvSequence sequence, int layer, boolean writes, int thread) {
    float[] q = new float[Caches.SHAPE.queryDim()];
    float[] out = new float[Caches.SHAPE.queryDim()];
    for (int n = 0; ; n++) {
      try {
        if (writes) {
          put(sequence, TOKENS, layer, 1 + (n * THREADS + thread) % (TOKENS.length - 1));
        } else {
          sequence.attend(layer, 0, 1, q, 0, out, 0);
        }
      } catch (IllegalStateException closed) {
        assertThat(closed).hasMessage("the sequence is closed");
        return n;
      }
    }
  }
}
