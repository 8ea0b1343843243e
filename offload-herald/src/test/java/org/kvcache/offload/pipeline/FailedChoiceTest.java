package org.kvcache.offload.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.BlockManagerStats;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.Retrieval;

class FailedChoiceTest {

  private static final int PROMPT = 600;

  private final NeedleEngine engine = new NeedleEngine(3, 16, 0.05);
  private KvCache cache;

  private void open(Retrieval.Builder retrieval) {
    cache =
        KvCache.open(
            KvCacheConfig.builder()
                .shape(NeedleEngine.SHAPE)
                .blockTokens(NeedleEngine.BLOCK)
                .memory(64 << 20)
                .scheme("f32")
                .backend("decoding")
                .retrieval(retrieval.budget(0.1).minTokens(64).deviceBytes(8 << 20).build())
                .build());
  }

  @AfterEach
  void close() {
    FaultyRetriever.heal();
    cache.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "lm16"})
  void selectorThatThrowsLeavesNothingChosen(String scoredKeys) {
    open(Retrieval.builder().retriever("faulty").scoredKeys(scoredKeys).lookAhead(false));
    try (KvSequence sequence = engine.begin(cache, PROMPT)) {
      for (int i = 0; i < 8; i++) {
        var calls = new AtomicInteger();
        int bad = i % 6;
        FaultyRetriever.before =
            tokens -> {
              if (calls.getAndIncrement() == bad) {
                throw new UnsupportedOperationException("no memory for a copy of the keys");
              }
            };
        assertThatThrownBy(() -> engine.block(sequence, 2, 0))
            .isInstanceOf(UnsupportedOperationException.class);
        FaultyRetriever.heal();
        engine.block(sequence, 2, 0);
      }
    }
  }

  @Test
  void attendAfterAFailedChoiceChoosesAgain() {
    open(Retrieval.builder().retriever("faulty").lookAhead(false));
    try (KvSequence sequence = engine.begin(cache, PROMPT);
        DenoisingBlock block = sequence.beginBlock(16)) {
      FaultyRetriever.before =
          tokens -> {
            throw new UnsupportedOperationException("not now");
          };
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> engine.attend(block, 0, false))
            .isInstanceOf(UnsupportedOperationException.class);
      }
      FaultyRetriever.heal();
      engine.attend(block, 0, false);
      assertThat(cache.stats().retrieval().chosenLayers()).isEqualTo(1);
    }
  }

  @Test
  void truncateWaitsForTheLayerThatIsLookedAhead() throws InterruptedException {
    open(Retrieval.builder().retriever("faulty"));
    var inside = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    try (KvSequence sequence = engine.begin(cache, PROMPT)) {
      DenoisingBlock block = sequence.beginBlock(16);
      for (int layer = 0; layer < NeedleEngine.SHAPE.layers(); layer++) {
        engine.attend(block, layer, false);
      }
      FaultyRetriever.before =
          tokens -> {
            inside.countDown();
            await(goOn);
          };
      Thread other = engine.lookAhead(block);
      inside.await();
      int[] committed = new int[16];
      Arrays.setAll(committed, i -> (block.start() + i) % 251);
      block.commit(committed, 0);
      int free = free();
      Thread cutter = Thread.ofPlatform().start(() -> sequence.truncate(64));
      while (cutter.getState() != Thread.State.BLOCKED) {
        Thread.onSpinWait();
      }
      int freed = free() - free;
      goOn.countDown();
      cutter.join();
      other.join();
      assertThat(freed).isZero();
      assertThat(sequence.length()).isEqualTo(64);
    }
  }

  @Test
  void queriesThatAreNoNumbersDoNotSpoilTheRecall() {
    open(Retrieval.builder().retriever("herald").recallEvery(1).lookAhead(false));
    try (KvSequence sequence = engine.begin(cache, PROMPT);
        DenoisingBlock block = sequence.beginBlock(16)) {
      float[] rows = new float[16 * NeedleEngine.SHAPE.kvDim()];
      float[] q = new float[16 * NeedleEngine.SHAPE.queryDim()];
      Arrays.fill(q, Float.NaN);
      block.write(0, rows, 0, rows, 0);
      block.attend(0, q, 0, q.clone(), 0);
    }
    assertThat(cache.stats().retrieval().comparisons()).isEqualTo(1);
    assertThat(cache.stats().retrieval().recall()).isBetween(0.0, 1.0);
  }

  private int free() {
    BlockManagerStats blocks = cache.stats().blocks();
    return blocks.slots() - blocks.pinnedBlocks() - blocks.privateBlocks();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
