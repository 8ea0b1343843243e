package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.AttentionWindow;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvCacheFullException;
import org.kvcache.KvLease;
import org.kvcache.KvSequence;
import org.kvcache.RetentionPriority;
import org.kvcache.SequenceOptions;

class KvSequenceTest {

  private static final String PROMPT = "the quick brown fox"; // 19 tokens, 4 full blocks

  private final Rows rows = new Rows(Caches.SHAPE);
  private KvCache cache = Caches.open(32, builder -> builder);

  @AfterEach
  void close() {
    cache.close();
  }

  private void reopen(int blocks, UnaryOperator<KvCacheConfig.Builder> more) {
    cache.close();
    cache = Caches.open(blocks, more);
  }

  private KvSequence served(String text) {
    return served(text, SequenceOptions.DEFAULT);
  }

  private KvSequence served(String text, SequenceOptions options) {
    int[] tokens = Caches.tokens(text);
    KvSequence sequence = cache.begin(tokens, options);
    rows.prefill(sequence, tokens, options.salt());
    return sequence;
  }

  private void check(KvSequence sequence, String text) {
    rows.check(sequence, Caches.tokens(text), "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "plain4"})
  void secondRequestOfAPromptComputesOnlyWhatIsNotAFullBlock(String scheme) {
    reopen(32, builder -> builder.scheme(scheme));
    served(PROMPT).close();
    try (KvSequence again = cache.begin(Caches.tokens(PROMPT))) {
      assertThat(again.matched()).isEqualTo(16);
      assertThat(again.expected()).isEqualTo(16);
      check(again, PROMPT);
      rows.prefill(again, Caches.tokens(PROMPT), "");
      check(again, PROMPT);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 5, 8, 16, 17})
  void atLeastOneTokenIsLeftToCompute(int length) {
    String text = PROMPT.substring(0, length);
    served(text).close();
    try (KvSequence again = cache.begin(Caches.tokens(text))) {
      assertThat(again.matched()).isEqualTo((length - 1) / 4 * 4);
    }
  }

  @Test
  void emptyPromptIsASequenceToo() {
    try (KvSequence sequence = cache.begin(new int[0])) {
      assertThat(sequence.matched()).isZero();
      rows.append(sequence, Caches.tokens("ab"), 0, 2, "");
      sequence.commit(Caches.tokens("ab"), 0, 2);
      check(sequence, "ab");
    }
  }

  @Test
  void tenantsAdaptersAndImagesDoNotShare() {
    served(PROMPT).close();
    for (SequenceOptions options :
        List.of(
            SequenceOptions.DEFAULT.withSalt("tenant"),
            SequenceOptions.DEFAULT.withLora("adapter"),
            SequenceOptions.DEFAULT.withImage("cat", 0, 4))) {
      try (KvSequence other = cache.begin(Caches.tokens(PROMPT), options)) {
        assertThat(other.matched()).as(options.toString()).isZero();
      }
      KvSequence first = served(PROMPT, options);
      rows.check(first, Caches.tokens(PROMPT), options.salt());
      first.close();
      try (KvSequence same = cache.begin(Caches.tokens(PROMPT), options)) {
        assertThat(same.matched()).as(options.toString()).isEqualTo(16);
      }
    }
  }

  @Test
  void imageChangesOnlyTheBlocksFromItsOwnOn() {
    served(PROMPT, SequenceOptions.DEFAULT.withImage("cat", 9, 2)).close();
    var dog = SequenceOptions.DEFAULT.withImage("dog", 9, 2);
    try (KvSequence other = cache.begin(Caches.tokens(PROMPT), dog)) {
      assertThat(other.matched()).isEqualTo(8);
    }
  }

  @Test
  void layersAndPositionsComeInAnyOrder() {
    int[] tokens = Caches.tokens("abcdefg");
    try (KvSequence sequence = cache.begin(tokens)) {
      assertThat(sequence.tryReserve(7)).isTrue();
      for (int layer = 1; layer >= 0; layer--) {
        for (int p = 6; p >= 0; p--) {
          float[] k = rows.key(tokens, p, "", layer);
          sequence.append(layer, p, k, 0, rows.value(tokens, p, "", layer), 0);
        }
      }
      sequence.commit(tokens, 0, 7);
      check(sequence, "abcdefg");
    }
  }

  @Test
  void rowsOfSeveralTokensAndFromMemoryAreTheSame() {
    int[] tokens = Caches.tokens("abcdef");
    int dim = Caches.SHAPE.kvDim();
    try (KvSequence sequence = cache.begin(tokens);
        Arena arena = Arena.ofConfined()) {
      for (int layer = 0; layer < 2; layer++) {
        float[] k = new float[1 + 5 * dim];
        float[] v = new float[2 + 5 * dim];
        for (int p = 0; p < 5; p++) {
          System.arraycopy(rows.key(tokens, p, "", layer), 0, k, 1 + p * dim, dim);
          System.arraycopy(rows.value(tokens, p, "", layer), 0, v, 2 + p * dim, dim);
        }
        sequence.append(layer, 0, 5, k, 1, v, 2);
        MemorySegment kRow =
            arena.allocateFrom(ValueLayout.JAVA_FLOAT, rows.key(tokens, 5, "", layer));
        MemorySegment vRow =
            arena.allocateFrom(ValueLayout.JAVA_FLOAT, rows.value(tokens, 5, "", layer));
        sequence.append(layer, 5, kRow, vRow);
      }
      sequence.commit(tokens, 0, 6);
      check(sequence, "abcdef");
    }
  }

  @Test
  void stagedRowsAreWrittenInPlace() {
    reopen(32, builder -> builder.staged(true));
    int[] tokens = Caches.tokens("abcdef");
    try (KvSequence sequence = cache.begin(tokens)) {
      for (int p = 0; p < 6; p++) {
        for (int layer = 0; layer < 2; layer++) {
          sequence.key(layer, p).copyFrom(MemorySegment.ofArray(rows.key(tokens, p, "", layer)));
          sequence
              .value(layer, p)
              .copyFrom(MemorySegment.ofArray(rows.value(tokens, p, "", layer)));
        }
      }
      assertThat(cache.stats().stagedBytes()).isEqualTo(2 * Caches.BLOCK_BYTES);
      sequence.commit(tokens, 0, 6);
      assertThat(cache.stats().stagedBytes()).isEqualTo(Caches.BLOCK_BYTES);
      check(sequence, "abcdef");
      assertThatThrownBy(() -> sequence.key(0, 3))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("position 3")
          .hasMessageContaining("first 4");
    }
    assertThat(cache.stats().stagedBytes()).isZero();
  }

  @Test
  void viewsWantAStagedCache() {
    try (KvSequence sequence = cache.begin(Caches.tokens("ab"))) {
      assertThatThrownBy(() -> sequence.key(0, 0))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("staged(true)");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void attentionSeesEachTokensOwnPast(boolean staged) {
    reopen(32, builder -> builder.staged(staged));
    int[] tokens = Caches.tokens("abcdefghij");
    int queryDim = Caches.SHAPE.queryDim();
    float[] q = new float[3 * queryDim];
    for (int i = 0; i < q.length; i++) {
      q[i] = (i * 37 % 19 - 9) / 3f;
    }
    try (KvSequence sequence = cache.begin(tokens)) {
      rows.append(sequence, tokens, 0, 7, "");
      sequence.commit(tokens, 0, 7);
      rows.append(sequence, tokens, 7, 10, "");
      float[] all = new float[3 * queryDim];
      sequence.attend(1, 7, 3, q, 0, all, 0);
      for (int i = 0; i < 3; i++) {
        for (int head = 0; head < 4; head++) {
          float[] one = new float[4];
          sequence.attendHead(1, head, 8 + i, q, i * queryDim + head * 4, one, 0);
          assertThat(one).isEqualTo(expected(tokens, 8 + i, 1, head, q, i * queryDim + head * 4));
          assertThat(one)
              .isEqualTo(
                  Arrays.copyOfRange(all, i * queryDim + head * 4, i * queryDim + head * 4 + 4));
        }
      }
    }
  }

  private float[] expected(int[] tokens, int length, int layer, int head, float[] q, int at) {
    double[] sum = new double[4];
    double total = 0;
    for (int p = 0; p < length; p++) {
      float[] k = rows.key(tokens, p, "", layer);
      float[] v = rows.value(tokens, p, "", layer);
      double logit = 0;
      for (int d = 0; d < 4; d++) {
        logit += q[at + d] * (double) k[head / 2 * 4 + d];
      }
      double weight = Math.exp(logit * 0.5f);
      total += weight;
      for (int d = 0; d < 4; d++) {
        sum[d] += weight * v[head / 2 * 4 + d];
      }
    }
    float[] out = new float[4];
    for (int d = 0; d < 4; d++) {
      out[d] = (float) (sum[d] / total);
    }
    return out;
  }

  @Test
  void windowsAreOfLayers() {
    reopen(32, builder -> builder.windows(List.of(AttentionWindow.ALL, new AttentionWindow(1, 2))));
    int[] tokens = Caches.tokens("abcdefgh");
    try (KvSequence sequence = cache.begin(tokens)) {
      rows.prefill(sequence, tokens, "");
      float[] q = new float[4];
      float[] out = new float[4];
      sequence.attendHead(1, 0, 8, q, 0, out, 0);
      for (int d = 0; d < 4; d++) {
        float sum = 0;
        for (int p : new int[] {0, 6, 7}) {
          sum += rows.value(tokens, p, "", 1)[d];
        }
        assertThat(out[d]).isCloseTo(sum / 3, Offset.offset(1e-6f));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "plain4"})
  void forksShareFullBlocksAndGoTheirOwnWays(String scheme) {
    reopen(8, builder -> builder.scheme(scheme));
    KvSequence first = served("abcdefghij"); // 2 full blocks and 2 tokens
    KvSequence second = first.fork();
    assertThat(cache.stats().blocks().freeSlots()).isEqualTo(8 - 4);
    int[] left = Caches.tokens("abcdefghijkl");
    int[] right = Caches.tokens("abcdefghijxyz");
    rows.append(first, left, 10, 12, "");
    rows.append(second, right, 10, 13, "");
    first.commit(left, 10, 2);
    second.commit(right, 10, 3);
    check(first, "abcdefghijkl");
    check(second, "abcdefghijxyz");
    first.close();
    check(second, "abcdefghijxyz");
    second.close();
    assertThat(cache.stats().openSequences()).isZero();
    try (KvSequence again = cache.begin(Caches.tokens("abcdefghijxy+"))) {
      assertThat(again.matched()).isEqualTo(12);
      check(again, "abcdefghijxy+");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "plain4"})
  void truncatedSequencesGoOnWithOtherTokens(String scheme) {
    reopen(32, builder -> builder.scheme(scheme));
    for (int keep = 0; keep <= 11; keep++) {
      KvSequence first = served("abcdefghijk");
      KvSequence reader = cache.begin(Caches.tokens("abcdefghijk"));
      first.truncate(keep);
      assertThat(first.length()).isEqualTo(keep);
      String text = "abcdefghijk".substring(0, keep) + "0123456".substring(0, 7) + keep;
      check(first, text);
      rows.prefill(first, Caches.tokens(text), "");
      check(first, text);
      check(reader, "abcdefghijk");
      first.close();
      reader.close();
      try (KvSequence again = cache.begin(Caches.tokens(text + "!"))) {
        assertThat(again.matched()).isEqualTo(text.length() / 4 * 4);
        check(again, text + "!");
      }
    }
    assertThat(cache.stats().blocks().pinnedBlocks()).isZero();
    assertThat(cache.stats().blocks().privateBlocks()).isZero();
  }

  @Test
  void truncatePartOfAPromptThatIsBeingFilled() {
    int[] prompt = Caches.tokens("abcdefghij");
    try (KvSequence sequence = cache.begin(prompt)) {
      assertThat(sequence.tryReserve(10)).isTrue();
      rows.append(sequence, prompt, 0, 7, "");
      sequence.commit(prompt, 0, 7);
      sequence.truncate(6);
      int[] other = Caches.tokens("abcdef0123");
      rows.prefill(sequence, other, "");
      rows.check(sequence, other, "");
    }
  }

  @Test
  void draftsThatAreNotCommittedAreWrittenOver() {
    int[] draft = Caches.tokens("abcXYZ");
    int[] right = Caches.tokens("abcdef");
    try (KvSequence sequence = cache.begin(Caches.tokens("abc"))) {
      rows.append(sequence, draft, 0, 6, "");
      sequence.commit(draft, 0, 3);
      rows.append(sequence, right, 3, 6, "");
      sequence.commit(right, 3, 3);
      check(sequence, "abcdef");
    }
  }

  @Test
  void rowsOfADraftDoNotCountForTheNext() {
    int[] draft = Caches.tokens("abcXYZ");
    try (KvSequence sequence = cache.begin(Caches.tokens("abc"))) {
      rows.append(sequence, draft, 0, 6, "");
      sequence.commit(draft, 0, 3);
      assertThatThrownBy(() -> sequence.commit(draft, 3, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("position 3")
          .hasMessageContaining("layer 0");
    }
  }

  @Test
  void noRoomIsAValueAndChangesNothing() {
    reopen(4, builder -> builder);
    try (KvSequence first = served("abcdefghij")) {
      KvSequence second = cache.begin(Caches.tokens("0123456"));
      assertThat(second.tryReserve(7)).isFalse();
      assertThat(second.tryReserve(4)).isTrue();
      assertThatThrownBy(() -> rows.append(second, Caches.tokens("0123456"), 0, 7, ""))
          .isInstanceOf(KvCacheFullException.class)
          .hasMessageContaining("token 4");
      second.close();
      check(first, "abcdefghij");
    }
  }

  @Test
  void pinnedPrefixStaysWhenEverythingElseGoes() {
    reopen(6, builder -> builder);
    served("abcdefghi").close();
    try (KvLease pin = cache.pin(Caches.tokens("abcdefgh"))) {
      assertThat(pin.matched()).isEqualTo(8);
      for (char c = '0'; c <= '9'; c++) {
        served(String.valueOf(c).repeat(13)).close();
      }
      try (KvSequence again = cache.begin(Caches.tokens("abcdefghi"))) {
        assertThat(again.matched()).isEqualTo(8);
        check(again, "abcdefghi");
      }
    }
    assertThat(cache.stats().openSequences()).isZero();
  }

  @Test
  void priorityDecidesWhoGoesFirst() {
    reopen(6, builder -> builder);
    var keep = SequenceOptions.DEFAULT.withPriority(RetentionPriority.HIGHEST, Duration.ofHours(1));
    served("abcdefghi", keep).close();
    for (char c = '0'; c <= '9'; c++) {
      served(String.valueOf(c).repeat(13)).close();
    }
    try (KvSequence again = cache.begin(Caches.tokens("abcdefghi"))) {
      assertThat(again.matched()).isEqualTo(8);
    }
  }

  @Test
  void badUseIsRefusedWithBothNumbers() {
    KvSequence sequence = served("abcdefg");
    float[] row = new float[Caches.SHAPE.kvDim()];
    float[] q = new float[Caches.SHAPE.queryDim()];
    assertThatThrownBy(() -> sequence.append(0, 6, row, 0, row, 0))
        .hasMessageContaining("position 6")
        .hasMessageContaining("first 7");
    assertThatThrownBy(() -> sequence.append(2, 7, row, 0, row, 0))
        .hasMessageContaining("layer 2")
        .hasMessageContaining("has 2");
    assertThatThrownBy(() -> sequence.append(0, 7, new float[7], 0, row, 0))
        .hasMessageContaining("8 elements")
        .hasMessageContaining("7");
    assertThatThrownBy(() -> sequence.attend(0, 7, 1, q, 0, q.clone(), 0))
        .hasMessageContaining("attend to 8")
        .hasMessageContaining("7 are committed");
    assertThatThrownBy(() -> sequence.attend(0, 40, 1, q, 0, q.clone(), 0))
        .hasMessageContaining("attend to 41")
        .hasMessageContaining("only 7");
    assertThatThrownBy(() -> sequence.attendHead(0, 4, 1, q, 0, q.clone(), 0))
        .hasMessageContaining("head 4")
        .hasMessageContaining("are 4");
    assertThatThrownBy(() -> sequence.attend(0, 0, 1, q, 9, q.clone(), 0))
        .hasMessageContaining("16 elements")
        .hasMessageContaining("index 9");
    assertThatThrownBy(() -> sequence.truncate(8))
        .hasMessageContaining("8 tokens")
        .hasMessageContaining("7 are committed");
    assertThatThrownBy(() -> sequence.commit(new int[1], 0, 2)).hasMessageContaining("2 tokens");
    assertThatThrownBy(() -> sequence.commit(new int[2], 0, 2))
        .hasMessageContaining("2 tokens behind 7")
        .hasMessageContaining("only 1");
    sequence.close();
    sequence.close();
    assertThatThrownBy(() -> sequence.append(0, 7, row, 0, row, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the sequence is closed");
    assertThatThrownBy(() -> sequence.commit(new int[0], 0, 0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the sequence is closed");
  }

  @Test
  void tokensOfThePromptCannotBeOthers() {
    int[] prompt = Caches.tokens("abc");
    try (KvSequence sequence = cache.begin(prompt)) {
      rows.append(sequence, prompt, 0, 3, "");
      assertThatThrownBy(() -> sequence.commit(Caches.tokens("aXc"), 0, 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("token 88 at position 1")
          .hasMessageContaining("has 98");
      sequence.commit(prompt, 0, 3);
    }
  }

  @Test
  void aSecondOwnerIsTold() throws Exception {
    reopen(32, builder -> builder.staged(true));
    KvSequence sequence = cache.begin(Caches.tokens("abcd"));
    var inside = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var registration =
        cache.listen(event -> {
          inside.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    var failure = new AtomicReference<Throwable>();
    Thread owner =
        Thread.ofPlatform()
            .start(() -> {
              try {
                rows.prefill(sequence, Caches.tokens("abcd"), "");
              } catch (RuntimeException e) {
                failure.set(e);
              }
            });
    inside.await();
    assertThatThrownBy(() -> sequence.tryReserve(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("one owner at a time");
    go.countDown();
    owner.join();
    assertThat(failure.get()).isNull();
    registration.close();
    sequence.close();
  }

  @Test
  void cacheThatIsClosedSaysSo() {
    KvSequence sequence = served("abcdefg");
    cache.close();
    assertThatThrownBy(() -> sequence.tryReserve(1)).hasMessage("the cache is closed");
    assertThatThrownBy(() -> cache.begin(new int[1])).hasMessage("the cache is closed");
    sequence.close();
  }

  @Test
  void clearForgetsUnlessASequenceIsOpen() {
    KvSequence sequence = served(PROMPT);
    assertThat(cache.clear()).isFalse();
    sequence.close();
    assertThat(cache.clear()).isTrue();
    try (KvSequence again = cache.begin(Caches.tokens(PROMPT))) {
      assertThat(again.matched()).isZero();
    }
  }

  @Test
  void aListenerMayCloseTheSequenceThatCommits() {
    KvSequence sequence = cache.begin(Caches.tokens("abcdefgh"));
    var registration = cache.listen(event -> sequence.close());
    rows.prefill(sequence, Caches.tokens("abcdefgh"), "");
    registration.close();
    assertThat(cache.stats().openSequences()).isZero();
    try (KvSequence again = cache.begin(Caches.tokens("abcdefghi"))) {
      assertThat(again.matched()).isEqualTo(8);
      check(again, "abcdefghi");
    }
  }
}
