package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;

class SequenceAllocationTest {

  private static final int ROUNDS = 8;
  private static final int TIMES = 5_000;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Rows rows = new Rows(Caches.SHAPE);
  private final float[] k = new float[Caches.SHAPE.kvDim()];
  private final float[] q = new float[Caches.SHAPE.queryDim()];
  private final float[] out = new float[Caches.SHAPE.queryDim()];

  private static long leastAllocated(Runnable round) {
    long least = Long.MAX_VALUE;
    for (int n = 0; n < ROUNDS; n++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < TIMES; i++) {
        round.run();
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }

  @ParameterizedTest
  @CsvSource({"plain, false", "plain4, false", "plain, true"})
  void tokensInsideABlockAllocateNothing(String scheme, boolean staged) {
    int[] token = {7};
    try (KvCache cache = open(scheme, staged);
        KvSequence sequence = cache.begin(new int[0])) {
      long least =
          leastAllocated(() -> {
            int position = sequence.length();
            for (int layer = 0; layer < 2; layer++) {
              sequence.append(layer, position, k, 0, k, 0);
              sequence.attend(layer, position, 1, q, 0, out, 0);
              sequence.attendHead(layer, 3, position + 1, q, 0, out, 0);
            }
            sequence.commit(token, 0, 1);
          });
      assertThat(least).isZero();
      assertThat(sequence.length()).isEqualTo(ROUNDS * TIMES);
    }
  }

  @Test
  void viewIsOneSmallObject() {
    try (KvCache cache = open("plain", true);
        KvSequence sequence = cache.begin(new int[0])) {
      long least =
          leastAllocated(() -> {
            for (int layer = 0; layer < 2; layer++) {
              sequence.key(layer, 5).set(ValueLayout.JAVA_FLOAT, 0, 1);
              sequence.value(layer, 5).set(ValueLayout.JAVA_FLOAT, 4, 1);
            }
          });
      assertThat(least).isLessThanOrEqualTo(4L * TIMES * 64);
    }
  }

  private static KvCache open(String scheme, boolean staged) {
    int block = 1 << 16;
    return Caches.open(
        block / Caches.BLOCK,
        builder -> builder.blockTokens(block).scheme(scheme).staged(staged).backend("silent"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void tenThousandRequestsLeaveNothingBehind(int prompts) {
    try (KvCache cache = Caches.open(16, builder -> builder.staged(true))) {
      int[][] tokens = new int[prompts][];
      for (int i = 0; i < prompts; i++) {
        tokens[i] = Caches.tokens(i + "bcdefghij");
      }
      for (int i = 0; i < 10_000; i++) {
        try (KvSequence sequence = cache.begin(tokens[i % prompts])) {
          rows.prefill(sequence, tokens[i % prompts], "");
        }
      }
      KvCacheProperties.assertAllIsBack(cache);
      assertThat(cache.stats().memoryBytes()).isEqualTo(16 * Caches.BLOCK_BYTES);
      assertThat(cache.stats().blocks().cachedBlocks()).isEqualTo(2 * prompts);
      assertThat(((BlockCache) cache).workers().size()).isEqualTo(1);
    }
  }
}
