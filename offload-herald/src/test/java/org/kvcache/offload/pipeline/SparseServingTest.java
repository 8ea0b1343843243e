package org.kvcache.offload.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.Retrieval;
import org.kvcache.RetrievalStats;

class SparseServingTest {

  private static final int PROMPT = 600;

  private KvCache cache;

  @AfterEach
  void close() {
    if (cache != null) {
      cache.close();
    }
  }

  private void open(String scheme, UnaryOperator<Retrieval.Builder> more) {
    var retrieval =
        Retrieval.builder().retriever("exact").budget(0.1).minTokens(64).deviceBytes(8 << 20);
    cache =
        KvCache.open(
            KvCacheConfig.builder()
                .shape(NeedleEngine.SHAPE)
                .blockTokens(NeedleEngine.BLOCK)
                .memory(64 << 20)
                .scheme(scheme)
                .backend("decoding")
                .retrieval(more.apply(retrieval).build())
                .build());
  }

  private RetrievalStats stats() {
    return cache.stats().retrieval();
  }

  private void serve(int tokens, int blocks) {
    serve(new NeedleEngine(3, tokens, 0.05), blocks);
  }

  private void serve(NeedleEngine engine, int blocks) {
    try (KvSequence sequence = engine.begin(cache, PROMPT)) {
      for (int i = 0; i < blocks; i++) {
        assertThat(engine.block(sequence, 3, 0)).isTrue();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "f32, exact, 16, true",
    "f32, exact, 4, true",
    "f32, exact, 32, true",
    "f32, exact, 1, true",
    "bf16, exact, 16, true",
    "lm16, exact, 16, false",
    "f32, herald, 16, true",
    "f32, exact-step, 16, true",
    "f32, herald-diverse, 16, true",
    "f32, herald-adaptive, 16, true"
  })
  void blocksSeeWhatTheyLookFor(String scheme, String retriever, int tokens, boolean ahead) {
    open(scheme, builder -> builder.retriever(retriever).lookAhead(ahead).queries(2));
    serve(new NeedleEngine(3, tokens, scheme.equals("lm16") ? 0.6 : 0.05), 6);

    int layers = NeedleEngine.SHAPE.layers();
    assertThat(stats().hostLayers()).isZero();
    if (ahead && !retriever.equals("exact-step")) {
      assertThat(stats().aheadLayers()).isEqualTo(5 * layers);
      assertThat(stats().chosenLayers()).isEqualTo(7 * layers); // the last for a block never begun
    } else {
      assertThat(stats().aheadLayers()).isZero();
    }
    assertThat(stats().movedPages()).isLessThan(stats().wantedPages()).isPositive();
  }

  @Test
  void singleTokensCanBeChosen() {
    open("f32", builder -> builder.byToken(true).minTokens(40).budget(0.05));
    serve(16, 6);
    assertThat(stats().hostLayers()).isZero();
    assertThat(stats().chosenLayers()).isPositive();
  }

  @Test
  void prefixThatFitsIsSeenWhole() {
    open("f32", builder -> builder.minTokens(1000).retriever("window"));
    serve(16, 4);
    assertThat(stats().chosenLayers()).isZero();
    assertThat(stats().wholeLayers()).isEqualTo(5 * 3);
    assertThat(stats().hostLayers()).isZero();
  }

  @Test
  void denseLayersSeeEverything() {
    open("f32", builder -> builder.denseLayers(3).retriever("window"));
    serve(16, 4);
    assertThat(stats().wholeLayers()).isEqualTo(5 * 3);
    assertThat(stats().movedPages()).isZero();
    assertThat(stats().tailBytes()).isZero();
  }

  @Test
  void denseLayersStandBesideChosenOnes() {
    open("f32", builder -> builder.denseLayers(1));
    serve(16, 4);
    assertThat(stats().wholeLayers()).isEqualTo(5);
    assertThat(stats().chosenLayers()).isEqualTo(5 * 2);
    assertThat(stats().tailBytes()).isPositive();
  }

  @Test
  void windowDoesNotSeeWhatIsFarBack() {
    open("f32", builder -> builder.retriever("window"));
    assertThatThrownBy(() -> serve(16, 2)).isInstanceOf(AssertionError.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"faulty:0.2", "faulty:0.7", "faulty:1"})
  void failedTransfersAreMadeAgainOrHostMemoryIsRead(String device) {
    open("f32", builder -> builder.device(device));
    serve(16, 8);
    assertThat(stats().repeatedReads()).isPositive();
    if (device.endsWith("1")) {
      assertThat(stats().hostLayers()).isEqualTo(9 * 3);
    }
  }

  @Test
  void deviceWithoutRoomLeavesTheSequenceInHostMemory() {
    long slot = 3L * 2 * 2 * 16 * 64 * 4;
    open("f32", builder -> builder.deviceBytes(6 * slot));
    serve(16, 3);
    assertThat(stats().hostLayers()).isEqualTo(3 * 3);
    assertThat(stats().movedPages()).isZero();
  }

  @Test
  void sequenceTakesNoMoreSlotsThanItsPrefixHasPages() {
    long slot = 3L * 2 * 2 * 16 * 64 * 4;
    open("f32", builder -> builder.minTokens(100_000).deviceBytes(64 * slot));
    serve(16, 2);
    assertThat(stats().hostLayers()).isZero();
    assertThat(stats().wholeLayers()).isPositive();
  }

  @Test
  void closedSequencesGiveTheirSlotsBack() {
    long slot = 3L * 2 * 2 * 16 * 64 * 4;
    open("f32", builder -> builder.deviceBytes(24 * slot));
    for (int i = 0; i < 4; i++) {
      serve(16, 2);
    }
    assertThat(stats().hostLayers()).isZero();
  }

  @Test
  void cancelledBlockDropsItsLookAhead() {
    open("f32", builder -> builder);
    var engine = new NeedleEngine(3, 16, 0.05);
    try (KvSequence sequence = engine.begin(cache, PROMPT)) {
      assertThat(engine.block(sequence, 2, 0)).isTrue();
      assertThat(engine.block(sequence, 2, 1)).isFalse();
      assertThat(engine.block(sequence, 2, 0)).isTrue();
    }
    assertThat(stats().droppedLookAheads()).isEqualTo(2); // the last one was of no use either
    assertThat(stats().aheadLayers()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"1, 616", "0, 632"})
  void blockBehindTokensAppendedInsteadUsesNoLookAhead(double cancels, int length) {
    open("f32", builder -> builder);
    var engine = new NeedleEngine(3, 16, 0.05);
    try (KvSequence sequence = engine.begin(cache, PROMPT)) {
      engine.block(sequence, 2, cancels);
      engine.fill(sequence, NeedleEngine.prompt(length));
      engine.block(sequence, 2, 0);
    }
    assertThat(stats().aheadLayers()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "lm16"})
  void truncatedSequenceChoosesAnew(String scoredKeys) {
    open("f32", builder -> builder.scoredKeys(scoredKeys));
    var engine = new NeedleEngine(3, 16, 0.05);
    try (KvSequence sequence = engine.begin(cache, PROMPT)) {
      engine.block(sequence, 2, 0);
      engine.block(sequence, 2, 0);
      sequence.truncate(500);
      engine.block(sequence, 2, 0);
      sequence.truncate(320);
      engine.block(sequence, 2, 0);
      engine.block(sequence, 2, 0);
    }
  }

  @Test
  void nothingOfTruncatedTokensIsSeen() {
    open("f32", builder -> builder.budget(1).tailBlocks(2));
    var other = new NeedleEngine(4, 16, 0.05);
    var engine = new NeedleEngine(3, 16, 0.05);
    int[] tokens = NeedleEngine.prompt(PROMPT);
    Arrays.setAll(tokens, i -> 300 + i);
    try (KvSequence sequence = other.begin(cache, PROMPT)) {
      other.block(sequence, 2, 0);
      other.block(sequence, 2, 0);
      sequence.truncate(0);
      engine.fill(sequence, tokens);
      engine.block(sequence, 2, 0);
      engine.block(sequence, 2, 0);
    }
    assertThat(stats().hostLayers()).isZero();
  }

  @Test
  void prefixFoundInTheCacheIsChosenFromToo() {
    open("f32", builder -> builder);
    serve(16, 2);
    serve(16, 3);
    assertThat(cache.stats().memoryHitTokens()).isPositive();
  }

  @Test
  void choiceIsComparedWithTheExactOneAndTheBudgetGrows() {
    open("f32", builder -> builder.recallEvery(1).lookAhead(false));
    serve(16, 3);
    assertThat(stats().comparisons()).isEqualTo(9);
    assertThat(stats().recall()).isGreaterThan(0.999);
    assertThat(stats().raises()).isZero();
    cache.close();

    open("f32", builder -> builder.recallEvery(1).retriever("window").lookAhead(false));
    assertThatThrownBy(() -> serve(16, 3)).isInstanceOf(AssertionError.class);
    assertThat(stats().recall()).isLessThan(0.9);
    assertThat(stats().raises()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "retriever | unknown retriever 'no'", "policy | unknown policy 'no'",
        "device | unknown device 'no'", "scoredKeys | unknown"
      })
  void unknownNamesAreRefused(String field, String message) {
    assertThatThrownBy(() ->
            open(
                "f32",
                builder ->
                    switch (field) {
                      case "retriever" -> builder.retriever("no");
                      case "policy" -> builder.policy("no");
                      case "device" -> builder.device("no");
                      default -> builder.scoredKeys("no");
                    }))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void tokensOfRowGroupsCannotBeChosenOneByOne() {
    assertThatThrownBy(() -> open("kivi4", builder -> builder.byToken(true)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
