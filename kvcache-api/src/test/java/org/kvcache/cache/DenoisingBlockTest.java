package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvCacheFullException;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.Retrieval;
import org.kvcache.RetrievalStats;

class DenoisingBlockTest {

  private static final KvShape SHAPE = Caches.SHAPE;

  private final Rows rows = new Rows(SHAPE);
  private KvCache cache = Caches.open(32, builder -> builder);

  @AfterEach
  void close() {
    cache.close();
  }

  private void reopen(int blocks, UnaryOperator<KvCacheConfig.Builder> more) {
    cache.close();
    cache = Caches.open(blocks, more);
  }

  private KvSequence served(int[] tokens) {
    KvSequence sequence = cache.begin(tokens);
    rows.prefill(sequence, tokens, "");
    return sequence;
  }

  private static int[] tokens(int count) {
    int[] tokens = new int[count];
    Arrays.setAll(tokens, i -> i % 7);
    return tokens;
  }

  private static float[] queries(int count, long seed) {
    var random = new Random(seed);
    float[] q = new float[count * SHAPE.queryDim()];
    for (int i = 0; i < q.length; i++) {
      q[i] = (float) random.nextGaussian();
    }
    return q;
  }

  /** Every token of the block sees every token there is. */
  private void check(DenoisingBlock block, int[] tokens, int layer) {
    float[] q = queries(block.tokens(), layer);
    float[] out = new float[q.length + 3];
    block.attend(layer, q, 0, out, 3);
    int dim = SHAPE.headDim();
    for (int i = 0; i < block.tokens() * SHAPE.queryHeads(); i++) {
      int kvHead = i % SHAPE.queryHeads() / SHAPE.groupSize();
      double[] sum = new double[dim];
      double total = 0;
      for (int p = 0; p < block.start() + block.tokens(); p++) {
        float[] k = rows.key(tokens, p, "", layer);
        float[] v = rows.value(tokens, p, "", layer);
        double logit = 0;
        for (int d = 0; d < dim; d++) {
          logit += q[i * dim + d] * (double) k[kvHead * dim + d];
        }
        double weight = Math.exp(logit / Math.sqrt(dim));
        total += weight;
        for (int d = 0; d < dim; d++) {
          sum[d] += weight * v[kvHead * dim + d];
        }
      }
      for (int d = 0; d < dim; d++) {
        assertThat((double) out[3 + i * dim + d]).isCloseTo(sum[d] / total, within(1e-5));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "plain, 8, 4",
    "plain, 8, 1",
    "plain, 6, 4",
    "plain, 0, 5",
    "plain, 7, 9",
    "plain4, 8, 4",
    "plain4, 6, 4",
    "plain4, 7, 9"
  })
  void everyTokenSeesThePrefixAndTheWholeBlockAsLastWritten(String scheme, int before, int count) {
    reopen(32, builder -> builder.scheme(scheme));
    int[] all = tokens(before + count);
    int[] draft = all.clone();
    Arrays.fill(draft, before, draft.length, 99);
    try (KvSequence sequence = served(Arrays.copyOf(all, before))) {
      DenoisingBlock block = sequence.beginBlock(count);
      assertThat(block.start()).isEqualTo(before);
      rows.write(block, draft, "");
      check(block, draft, 0);
      rows.write(block, all, "");
      check(block, all, 0);
      check(block, all, 1);
      assertThat(sequence.length()).isEqualTo(before);
      block.commit(all, before);
      assertThat(sequence.length()).isEqualTo(before + count);
      rows.check(sequence, all, "");
    }
  }

  @Test
  void stagedRowsOfTheOpenBlockAreSeen() {
    reopen(32, builder -> builder.staged(true));
    int[] all = tokens(10);
    try (KvSequence sequence = served(Arrays.copyOf(all, 6))) {
      try (DenoisingBlock block = sequence.beginBlock(4)) {
        rows.write(block, all, "");
        check(block, all, 1);
        block.commit(all, 6);
      }
      rows.check(sequence, all, "");
    }
  }

  @Test
  void blockSeesWhatReplacedTruncatedTokens() {
    int[] all = tokens(12);
    int[] other = all.clone();
    Arrays.fill(other, 5, 12, 50);
    try (KvSequence sequence = served(Arrays.copyOf(all, 4))) {
      while (sequence.length() < 8) {
        try (DenoisingBlock block = sequence.beginBlock(1)) {
          rows.write(block, all, "");
          block.commit(all, block.start());
        }
      }
      sequence.truncate(5);
      rows.prefill(sequence, Arrays.copyOf(other, 7), "");
      try (DenoisingBlock block = sequence.beginBlock(1)) {
        rows.write(block, other, "");
        check(block, other, 1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"plain, 1", "plain, 3", "plain4, 1", "plain4, 3"})
  void blocksSeeThoseCommittedBefore(String scheme, int count) {
    reopen(32, builder -> builder.scheme(scheme));
    int[] all = tokens(40);
    try (KvSequence sequence = served(Arrays.copyOf(all, 6))) {
      for (int i = 0; i < 10; i++) {
        boolean cutBack = i == 5;
        if (cutBack) {
          sequence.truncate(sequence.length() - 2);
        }
        try (DenoisingBlock block = sequence.beginBlock(count)) {
          rows.write(block, all, "");
          check(block, all, i % 2);
          block.commit(all, block.start());
        }
      }
      rows.check(sequence, all, "");
    }
  }

  @Test
  void committedBlocksAreFoundByOthersAndDraftsAreNot() {
    int[] all = tokens(13);
    int[] draft = all.clone();
    Arrays.fill(draft, 4, draft.length, 99);
    try (KvSequence sequence = served(Arrays.copyOf(all, 4))) {
      try (DenoisingBlock block = sequence.beginBlock(4)) {
        rows.write(block, draft, "");
      }
      try (KvSequence other = cache.begin(draft)) {
        assertThat(other.matched()).isEqualTo(4);
      }
      try (DenoisingBlock block = sequence.beginBlock(8)) {
        rows.write(block, draft, "");
        rows.write(block, all, "");
        block.commit(all, 4);
      }
    }
    try (KvSequence other = cache.begin(all)) {
      assertThat(other.matched()).isEqualTo(12);
      rows.check(other, all, "");
    }
  }

  @Test
  void cancelledBlockLeavesTheSequenceAsItWas() {
    int[] all = tokens(9);
    try (KvSequence sequence = served(Arrays.copyOf(all, 6))) {
      DenoisingBlock block = sequence.beginBlock(3);
      rows.write(block, all, "");
      block.close();
      block.close();
      assertThat(sequence.length()).isEqualTo(6);
      assertThatThrownBy(() -> sequence.commit(all, 6, 3))
          .hasMessageContaining("not been appended");
      assertThatThrownBy(() -> rows.write(block, all, "")).hasMessageContaining("has ended");
      rows.append(sequence, all, 6, 9, "");
      sequence.commit(all, 6, 3);
      rows.check(sequence, all, "");
    }
  }

  @Test
  void nothingElseChangesTheSequenceWhileABlockIsOpen() {
    int[] all = tokens(9);
    try (KvSequence sequence = served(Arrays.copyOf(all, 6))) {
      DenoisingBlock block = sequence.beginBlock(3);
      assertThatThrownBy(() -> sequence.beginBlock(3))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("beginBlock while the block at 6 is open; commit or close it first");
      assertThatThrownBy(() -> sequence.truncate(2)).hasMessageStartingWith("truncate while");
      assertThatThrownBy(() -> sequence.commit(all, 6, 0)).hasMessageStartingWith("commit while");
      assertThatThrownBy(() -> rows.append(sequence, all, 6, 7, ""))
          .hasMessageStartingWith("append while");
      block.close();
      sequence.truncate(2);
    }
  }

  @Test
  void blockIsCommittedOnlyWhenEveryLayerWasWrittenUnderTheTokensOfThePrompt() {
    int[] all = tokens(9);
    try (KvSequence sequence = cache.begin(all)) {
      rows.append(sequence, all, 0, 4, "");
      sequence.commit(all, 0, 4);
      DenoisingBlock block = sequence.beginBlock(4);
      float[] zeros = new float[4 * SHAPE.kvDim()];
      block.write(0, zeros, 0, zeros, 0);
      assertThatThrownBy(() -> block.commit(all, 4))
          .hasMessage("commit of the block at 4: its K and V of layer 1 have not been written");
      assertThatThrownBy(() -> block.attend(1, zeros, 0, zeros, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      rows.write(block, all, "");
      int[] other = {9, 9, 9, 9};
      assertThatThrownBy(() -> block.commit(other, 0)).hasMessageContaining("the prompt has");
      assertThatThrownBy(() -> block.commit(other, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      block.commit(all, 4);
      assertThatThrownBy(() -> block.commit(all, 4)).hasMessage("the block at 4 has ended");
      rows.check(sequence, Arrays.copyOf(all, 8), "");
    }
  }

  @Test
  void arraysAndLayersMustFit() {
    try (KvSequence sequence = served(tokens(4))) {
      assertThatThrownBy(() -> sequence.beginBlock(0)).hasMessageContaining("at least 1");
      DenoisingBlock block = sequence.beginBlock(2);
      float[] kv = new float[2 * SHAPE.kvDim()];
      float[] q = new float[2 * SHAPE.queryDim()];
      assertThatThrownBy(() -> block.write(2, kv, 0, kv, 0)).hasMessageContaining("no layer 2");
      assertThatThrownBy(() -> block.write(0, kv, 1, kv, 0)).hasMessageContaining("of K");
      assertThatThrownBy(() -> block.write(0, kv, 0, kv, -1)).hasMessageContaining("of V");
      assertThatThrownBy(() -> block.attend(0, q, 0, q, 0))
          .hasMessageContaining("not been written");
      block.write(0, kv, 0, kv, 0);
      assertThatThrownBy(() -> block.attend(0, q, 1, q, 0)).hasMessageContaining("queries");
      assertThatThrownBy(() -> block.attend(0, q, 0, q, 9)).hasMessageContaining("outputs");
    }
  }

  @Test
  void blockWithoutRoomIsRefusedAndTheSequenceGoesOn() {
    reopen(3, builder -> builder);
    int[] all = tokens(12);
    try (KvSequence sequence = served(Arrays.copyOf(all, 8))) {
      assertThatThrownBy(() -> sequence.beginBlock(5)).isInstanceOf(KvCacheFullException.class);
      try (DenoisingBlock block = sequence.beginBlock(4)) {
        rows.write(block, all, "");
        block.commit(all, 8);
      }
      rows.check(sequence, all, "");
    }
  }

  @Test
  void closingTheSequenceEndsTheBlock() {
    KvSequence sequence = served(tokens(8));
    DenoisingBlock block = sequence.beginBlock(4);
    sequence.close();
    float[] kv = new float[4 * SHAPE.kvDim()];
    assertThatThrownBy(() -> block.write(0, kv, 0, kv, 0)).hasMessage("the sequence is closed");
    assertThatThrownBy(() -> block.commit(tokens(4), 0)).isInstanceOf(IllegalStateException.class);
    block.close();
    assertThat(cache.stats().openSequences()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void forkOfASequenceWithAnOpenBlockHasTheCommittedTokens(boolean staged) {
    reopen(32, builder -> builder.staged(staged));
    int[] all = tokens(10);
    try (KvSequence sequence = served(Arrays.copyOf(all, 6));
        DenoisingBlock block = sequence.beginBlock(4);
        KvSequence fork = sequence.fork()) {
      rows.write(block, all, "");
      rows.check(fork, Arrays.copyOf(all, 6), "");
      try (DenoisingBlock other = fork.beginBlock(4)) {
        rows.write(other, all, "");
        other.commit(all, 6);
      }
      rows.check(fork, all, "");
    }
  }

  @Test
  void withoutRetrievalNothingIsChosenAhead() {
    try (KvSequence sequence = served(tokens(8));
        DenoisingBlock block = sequence.beginBlock(4)) {
      assertThat(block.lookAhead()).isNull();
    }
    assertThat(cache.stats().retrieval()).isEqualTo(RetrievalStats.NONE);
  }

  @Test
  void retrievalNeedsSomebodyWhoCan() {
    assertThatThrownBy(
            () -> Caches.open(4, builder -> builder.retrieval(Retrieval.builder().build())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("put offload-herald on the class path");
  }
}
