package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.BlockKey;
import org.kvcache.BlockManager;
import org.kvcache.Calibration;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvEvent;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.SequenceOptions;
import org.kvcache.SequenceOptions.Promotion;
import org.kvcache.TierStats;
import org.kvcache.spi.TierSpec.StoreWhen;

@Timeout(30)
class PromotionTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final SequenceOptions BACKGROUND =
      SequenceOptions.DEFAULT.withPromotion(Promotion.BACKGROUND);

  // 25 blocks and one token: a whole batch and some.
  private static final int[] LONG_PROMPT =
      Caches.tokens("0123456789".repeat(10).substring(0, 99) + "+-");
  private static final int[] PROMPT = Caches.tokens("abcdefghijklmnopq"); // 4 blocks and a token

  private final Rows rows = new Rows(Caches.SHAPE);
  private final HeapTier near = new HeapTier();
  private final HeapTier far = new HeapTier();
  private KvCache cache = open(64, builder -> builder);

  @AfterEach
  void close() {
    near.gate.countDown();
    far.gate.countDown();
    cache.close();
  }

  private KvCache open(int blocks, UnaryOperator<KvCacheConfig.Builder> more) {
    return Caches.open(
        blocks + 32,
        builder ->
            more.apply(
                builder
                    .spareBlocks(32)
                    .promotionTimeout(LONG)
                    .tier(near.spec("near", StoreWhen.COMMITTED))));
  }

  private void reopen(int blocks, UnaryOperator<KvCacheConfig.Builder> more) {
    cache.close();
    cache = open(blocks, more);
  }

  private void serve(int[] tokens) {
    try (KvSequence sequence = cache.begin(tokens)) {
      rows.prefill(sequence, tokens, "");
    }
  }

  /** What was served is in the tier and no more in memory. */
  private void storeOnly(int[] tokens) {
    serve(tokens);
    cache.flush();
    assertThat(cache.clear()).isTrue();
  }

  private void goOn(KvSequence sequence, int[] tokens) {
    rows.check(sequence, tokens, "");
    rows.prefill(sequence, tokens, "");
    rows.check(sequence, tokens, "");
  }

  private TierStats stats(int tier) {
    return cache.stats().tiers().get(tier);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "plain4"})
  void waitBringsThemBeforeBeginReturns(String scheme) {
    reopen(64, builder -> builder.scheme(scheme));
    storeOnly(LONG_PROMPT);
    try (KvSequence sequence = cache.begin(LONG_PROMPT)) {
      assertThat(sequence.matched()).isEqualTo(100);
      assertThat(sequence.expected()).isEqualTo(100);
      assertThat(sequence.length()).isEqualTo(100);
      assertThat(sequence.awaitPromotion(Duration.ZERO)).isTrue();
      goOn(sequence, LONG_PROMPT);
    }
    assertThat(stats(0).loadedBlocks()).isEqualTo(25);
    assertThat(stats(0).loadedTokens()).isEqualTo(100);
    assertThat(cache.stats().promotedTokens()).isEqualTo(100);
    assertThat(cache.stats().memoryHitTokens()).isZero();
    KvCacheProperties.assertAllIsBack(cache);
    try (KvSequence sequence = cache.begin(LONG_PROMPT)) {
      assertThat(sequence.matched()).isEqualTo(100);
    }
    assertThat(stats(0).loadedBlocks()).isEqualTo(25);
    assertThat(cache.stats().memoryHitTokens()).isEqualTo(100);
    assertThat(stats(0).storedBlocks()).isEqualTo(25);
  }

  @Test
  void noneLeavesThemWhereTheyAre() {
    storeOnly(PROMPT);
    var none = SequenceOptions.DEFAULT.withPromotion(Promotion.NONE);
    try (KvSequence sequence = cache.begin(PROMPT, none)) {
      assertThat(sequence.matched()).isZero();
      assertThat(sequence.expected()).isZero();
      assertThat(sequence.awaitPromotion(Duration.ZERO)).isTrue();
    }
    assertThat(near.loads).hasValue(0);
  }

  @Test
  void backgroundGrowsWhileTheEngineDoesSomethingElse() throws Exception {
    storeOnly(LONG_PROMPT);
    near.gate = new CountDownLatch(1);
    try (KvSequence sequence = cache.begin(LONG_PROMPT, BACKGROUND)) {
      assertThat(sequence.matched()).isZero();
      assertThat(sequence.expected()).isEqualTo(100);
      assertThat(sequence.awaitPromotion(Duration.ofMillis(1))).isFalse();
      assertThat(sequence.expected()).isEqualTo(100);
      near.gate.countDown();
      assertThat(sequence.awaitPromotion(ChronoUnit.FOREVER.getDuration())).isTrue();
      assertThat(sequence.matched()).isEqualTo(100);
      goOn(sequence, LONG_PROMPT);
    }
  }

  @Test
  void partOfAPromotionArrivesBatchByBatch() throws Exception {
    storeOnly(LONG_PROMPT);
    near.pauseBefore(17);
    try (KvSequence sequence = cache.begin(LONG_PROMPT, BACKGROUND)) {
      await(() -> sequence.matched() > 0);
      assertThat(sequence.matched()).isEqualTo(64);
      assertThat(sequence.length()).isEqualTo(64);
      assertThat(sequence.expected()).isEqualTo(100);
      assertThat(sequence.tryReserve(37)).isTrue();
      assertThat(sequence.matched()).isEqualTo(64);
      assertThat(sequence.expected()).isEqualTo(64);
      near.gate.countDown();
      goOn(sequence, LONG_PROMPT);
    }
    assertThat(cache.stats().promotedTokens()).isEqualTo(64);
    KvCacheProperties.assertAllIsBack(cache);
  }

  @Test
  void appendGivesUpWhatHasNotArrived() {
    storeOnly(PROMPT);
    near.gate = new CountDownLatch(1);
    try (KvSequence sequence = cache.begin(PROMPT, BACKGROUND)) {
      rows.append(sequence, PROMPT, 0, PROMPT.length, "");
      assertThat(sequence.expected()).isZero();
      near.gate.countDown();
      cache.flush();
      sequence.commit(PROMPT, 0, PROMPT.length);
      rows.check(sequence, PROMPT, "");
    }
    assertThat(cache.stats().promotedTokens()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void appendBelowWhatArrivedMeanwhileIsRefused(boolean staged) throws Exception {
    reopen(64, builder -> builder.staged(staged));
    storeOnly(PROMPT);
    near.gate = new CountDownLatch(1);
    try (KvSequence sequence = cache.begin(PROMPT, BACKGROUND)) {
      int begin = sequence.matched();
      near.gate.countDown();
      await(() -> sequence.matched() == 16);
      float[] row = new float[Caches.SHAPE.kvDim()];
      assertThatThrownBy(() -> sequence.append(0, begin, row, 0, row, 0))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessageContaining("position 0")
          .hasMessageContaining("first 16");
      goOn(sequence, PROMPT);
    }
  }

  @Test
  void framesOfAClosedSequenceAreNotWrittenForTheNext() throws Exception {
    reopen(5, builder -> builder);
    storeOnly(PROMPT);
    int[] other = Caches.tokens("ABCDEFGHIJKLMNOPQ");
    for (int round = 0; round < 20; round++) {
      near.gate = new CountDownLatch(1);
      long before = near.entered.get();
      KvSequence sequence = cache.begin(PROMPT, BACKGROUND);
      await(() -> near.entered.get() > before);
      sequence.close();
      try (KvSequence next =
          cache.begin(other, SequenceOptions.DEFAULT.withPromotion(Promotion.NONE))) {
        rows.prefill(next, other, "");
        near.gate.countDown();
        cache.flush();
        rows.check(next, other, "");
      }
      cache.clear();
    }
    KvCacheProperties.assertAllIsBack(cache);
    cache.flush();
    assertThat(((BlockCache) cache).memory().spares()).isEqualTo(32);
  }

  @Test
  void tierThatFailsInTheMiddleOfARunGivesItsBeginning() {
    storeOnly(LONG_PROMPT);
    near.failAt = 20;
    try (KvSequence sequence = cache.begin(LONG_PROMPT)) {
      assertThat(sequence.matched()).isEqualTo(76);
      assertThat(sequence.expected()).isEqualTo(76);
      goOn(sequence, LONG_PROMPT);
    }
    assertThat(stats(0).missedBlocks()).isEqualTo(6);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void chainInTwoTiersByTurns(int turns) {
    cache.close();
    cache = two(LONG);
    storeOnly(LONG_PROMPT);
    List<BlockKey> keys = near.order();
    for (int i = 0; i < 25; i++) {
      (i / turns % 2 == 0 ? far : near).blocks.remove(keys.get(i));
    }
    try (KvSequence sequence = cache.begin(LONG_PROMPT)) {
      assertThat(sequence.matched()).isEqualTo(4 * Math.min(25, 8 * turns));
      goOn(sequence, LONG_PROMPT);
    }
    assertThat(stats(0).loadedBlocks()).isPositive();
    assertThat(stats(1).loadedBlocks()).isPositive();
    assertThat(stats(0).missedBlocks() + stats(1).missedBlocks()).isZero();
  }

  private KvCache two(Duration timeout) {
    return open(
        64,
        builder -> builder.promotionTimeout(timeout).tier(far.spec("far", StoreWhen.COMMITTED)));
  }

  @Test
  void oneTierAloneThatDoesNotAnswerIsAMiss() {
    cache.close();
    cache = two(Duration.ofMillis(300));
    storeOnly(PROMPT);
    near.blocks.keySet().removeAll(near.order().subList(2, 4));
    far.remote = true;
    far.gate = new CountDownLatch(1);
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.matched()).isLessThanOrEqualTo(8);
      assertThat(sequence.expected()).isEqualTo(sequence.matched());
      far.gate.countDown();
      goOn(sequence, PROMPT);
    }
  }

  @Test
  void waitGivesUpWhenTheTimeIsOver() {
    reopen(64, builder -> builder.promotionTimeout(Duration.ofMillis(20)));
    storeOnly(PROMPT);
    near.gate = new CountDownLatch(1);
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.matched()).isZero();
      assertThat(sequence.expected()).isZero();
      near.gate.countDown();
      cache.flush();
      assertThat(sequence.matched()).isZero();
      goOn(sequence, PROMPT);
    }
  }

  @Test
  void timeoutOfForeverIsATimeout() {
    reopen(64, builder -> builder.promotionTimeout(ChronoUnit.FOREVER.getDuration()));
    near.remote = true;
    storeOnly(PROMPT);
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.matched()).isEqualTo(16);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void tierThatThrowsIsAMissAndLivesOn(boolean error) {
    storeOnly(PROMPT);
    near.remote = true;
    near.throwing = !error;
    near.linkage = error;
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.matched()).isZero();
    }
    assertThat(stats(0).failures()).isPositive();
    near.throwing = false;
    near.linkage = false;
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.matched()).isEqualTo(16);
      goOn(sequence, PROMPT);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 1_000})
  void tierThatCountsWrongIsAMiss(int wrong) {
    storeOnly(PROMPT);
    near.countsWrong = wrong;
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.matched()).isZero();
      goOn(sequence, PROMPT);
    }
    near.countsWrong = 0;
    near.loadsWrong = wrong;
    cache.flush();
    cache.clear();
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.matched()).isZero();
      goOn(sequence, PROMPT);
    }
    assertThat(stats(0).failures()).isEqualTo(2);
  }

  @Test
  void noMoreArePromotedThanThereIsRoomFor() {
    reopen(5, builder -> builder);
    storeOnly(PROMPT);
    int[] other = Caches.tokens("ABCDEFGHI");
    try (KvSequence holder = cache.begin(other)) {
      rows.prefill(holder, other, "");
      try (KvSequence sequence = cache.begin(PROMPT)) {
        assertThat(sequence.matched()).isEqualTo(8);
        rows.check(sequence, PROMPT, "");
        assertThat(sequence.tryReserve(9)).isFalse();
      }
      rows.check(holder, other, "");
    }
    KvCacheProperties.assertAllIsBack(cache);
  }

  @Test
  void blocksInMemoryBehindAGapAreNotLoaded() {
    reopen(64, builder -> builder.policy("random"));
    Set<BlockKey> memory = ConcurrentHashMap.newKeySet();
    var published = new AtomicInteger();
    try (BlockManager.Registration _ =
        cache.listen(event -> {
          switch (event) {
            case KvEvent.BlockStored stored -> {
              memory.addAll(stored.blockKeys());
              published.addAndGet(stored.blockKeys().size());
            }
            case KvEvent.BlockRemoved removed -> removed.blockKeys().forEach(memory::remove);
            case KvEvent.AllBlocksCleared _ -> memory.clear();
          }
        })) {
      serve(LONG_PROMPT);
      cache.flush();
      List<BlockKey> keys = near.order();
      for (char c = 'A'; memory.containsAll(keys.subList(0, 12)); c++) {
        serve(Caches.tokens(String.valueOf(c).repeat(50)));
      }
      int before = published.get();
      long hitsBefore = cache.stats().memoryHitTokens();
      try (KvSequence sequence = cache.begin(LONG_PROMPT)) {
        assertThat(sequence.matched()).isEqualTo(100);
        long prefix = (cache.stats().memoryHitTokens() - hitsBefore) / 4;
        assertThat(near.loads.get())
            .isEqualTo(published.get() - before)
            .isBetween(1L, 24L - prefix);
        goOn(sequence, LONG_PROMPT);
      }
    }
  }

  @Test
  void evictedBlocksGoToATierThatWantsThem() {
    cache.close();
    cache =
        Caches.open(
            8 + 64,
            builder ->
                builder
                    .spareBlocks(64)
                    .promotionTimeout(LONG)
                    .tier(near.spec("near", StoreWhen.EVICTED))
                    .tier(far.spec("far", StoreWhen.COMMITTED)));
    serve(PROMPT);
    cache.flush();
    assertThat(near.blocks).isEmpty();
    assertThat(far.blocks).hasSize(4);
    serve(Caches.tokens("ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
    cache.flush();
    assertThat(near.blocks).isNotEmpty();
    assertThat(far.blocks).containsAllEntriesOf(near.blocks);
    far.down = true;
    try (KvSequence sequence = cache.begin(PROMPT)) {
      goOn(sequence, PROMPT);
    }
  }

  @Test
  void whenSparesAreOutBlocksAreDroppedAndCounted() {
    cache.close();
    cache =
        Caches.open(
            6 + 16,
            builder -> builder.spareBlocks(16).tier(near.spec("near", StoreWhen.COMMITTED)));
    near.gate = new CountDownLatch(1);
    for (char c = 'a'; c <= 'z'; c++) {
      int[] tokens = Caches.tokens(String.valueOf(c).repeat(5) + "xyz");
      serve(tokens);
    }
    near.gate.countDown();
    cache.flush();
    TierStats stats = stats(0);
    assertThat(stats.droppedBlocks()).isPositive();
    assertThat(stats.storedBlocks() + stats.droppedBlocks()).isEqualTo(52);
    cache.clear();
    for (char c = 'a'; c <= 'z'; c++) {
      int[] tokens = Caches.tokens(String.valueOf(c).repeat(5) + "xyz!");
      try (KvSequence sequence = cache.begin(tokens)) {
        goOn(sequence, tokens);
      }
    }
  }

  @Test
  void closeStoresWhatIsQueued() throws Exception {
    near.gate = new CountDownLatch(1);
    serve(LONG_PROMPT);
    Thread closing = Thread.ofPlatform().start(cache::close);
    closing.join(20);
    assertThat(near.closed).isFalse();
    near.gate.countDown();
    closing.join();
    assertThat(near.closed).isTrue();
    assertThat(near.blocks).hasSize(25);
  }

  @Test
  void anotherCacheOfTheSameModelFindsThePrefix() {
    serve(PROMPT);
    reopen(64, builder -> builder.policy("lru").staged(true));
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.matched()).isEqualTo(16);
      goOn(sequence, PROMPT);
    }
  }

  private void findsNothing(UnaryOperator<KvCacheConfig.Builder> change) {
    reopen(64, change);
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.expected()).isZero();
    }
  }

  @Test
  void cachesThatCannotUseTheBytesDoNotFindThem() {
    serve(PROMPT);
    cache.flush();
    findsNothing(builder -> builder.model("another"));
    findsNothing(builder -> builder.shape(KvShape.of(1, 4, 4, 4)));
    findsNothing(builder -> builder.shape(KvShape.of(2, 1, 8, 4)));
    findsNothing(builder -> builder.scheme("plain4"));
    findsNothing(builder -> builder.blockTokens(2));
    findsNothing(builder -> builder.calibration(Calibration.identity(2, 2, 4)));
    findsNothing(builder -> builder.hasher("xxh3"));
    reopen(64, builder -> builder);
    var red = SequenceOptions.DEFAULT.withSalt("red");
    try (KvSequence sequence = cache.begin(PROMPT, red)) {
      assertThat(sequence.expected()).isZero();
    }
    try (KvSequence sequence = cache.begin(PROMPT)) {
      assertThat(sequence.expected()).isEqualTo(16);
    }
  }
}
