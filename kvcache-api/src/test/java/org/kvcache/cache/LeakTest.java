package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.KvCache;
import org.kvcache.KvLease;
import org.kvcache.KvSequence;
import org.kvcache.LeakDetection;
import org.kvcache.SequenceOptions;
import org.kvcache.SequenceOptions.Promotion;
import org.kvcache.spi.TierSpec.StoreWhen;

class LeakTest {

  private static final int MOST_COLLECTIONS = 300;
  private static final Logger LOGGER = Logger.getLogger(LeakTracker.class.getName());

  private final Rows rows = new Rows(Caches.SHAPE);
  private final List<LogRecord> logged = new CopyOnWriteArrayList<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord message) {
          logged.add(message);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    LOGGER.addHandler(handler);
    LOGGER.setUseParentHandlers(false);
  }

  @AfterEach
  void stopListening() {
    LOGGER.removeHandler(handler);
    LOGGER.setUseParentHandlers(true);
  }

  private static boolean comesTrue(BooleanSupplier condition) throws InterruptedException {
    for (int n = 0; n < MOST_COLLECTIONS; n++) {
      if (condition.getAsBoolean()) {
        return true;
      }
      System.gc();
      Thread.sleep(1);
    }
    return false;
  }

  private void dropASequence(KvCache cache, int reads) {
    int[] tokens = Caches.tokens("abcdefghij");
    KvSequence sequence = cache.begin(tokens);
    rows.prefill(sequence, tokens, "");
    float[] out = new float[Caches.SHAPE.queryDim()];
    for (int i = 0; i < reads; i++) {
      sequence.attend(0, 9, 1, out.clone(), 0, out, 0);
      rows.check(sequence, tokens, "");
    }
  }

  private static boolean isBack(KvCache cache) {
    var stats = cache.stats();
    return stats.leakedSequences() == 1
        && stats.openSequences() == 0
        && stats.stagedBytes() == 0
        && stats.blocks().openTables() == 0
        && stats.blocks().pinnedBlocks() == 0
        && stats.blocks().privateBlocks() == 0;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void whatADroppedSequenceHeldComesBack(int reads) throws Exception {
    try (KvCache cache = Caches.open(8, builder -> builder.staged(true))) {
      dropASequence(cache, reads);
      assertThat(comesTrue(() -> isBack(cache))).as("%s", cache.stats()).isTrue();
      assertThat(cache.stats().blocks().cachedBlocks()).isEqualTo(2);
      try (KvSequence again = cache.begin(Caches.tokens("abcdefghi"))) {
        assertThat(again.matched()).isEqualTo(8);
        rows.check(again, Caches.tokens("abcdefghi"), "");
      }
    }
  }

  private static void dropAPin(KvCache cache) {
    assertThat(cache.pin(Caches.tokens("abcdefgh")).matched()).isEqualTo(8);
  }

  @Test
  void droppedPinPinsNothing() throws Exception {
    try (KvCache cache = Caches.open(8, builder -> builder)) {
      try (KvSequence sequence = cache.begin(Caches.tokens("abcdefghi"))) {
        rows.prefill(sequence, Caches.tokens("abcdefghi"), "");
      }
      dropAPin(cache);
      assertThat(comesTrue(() -> isBack(cache))).as("%s", cache.stats()).isTrue();
    }
  }

  private static void dropDuringAPromotion(KvCache cache) {
    var background = SequenceOptions.DEFAULT.withPromotion(Promotion.BACKGROUND);
    assertThat(cache.begin(Caches.tokens("abcdefghi"), background).expected()).isEqualTo(8);
  }

  @Test
  void sequenceDroppedDuringAPromotionGivesItsFramesBack() throws Exception {
    var tier = new HeapTier();
    try (KvCache cache =
        Caches.open(
            8, builder -> builder.spareBlocks(4).tier(tier.spec("heap", StoreWhen.COMMITTED)))) {
      try (KvSequence sequence = cache.begin(Caches.tokens("abcdefghi"))) {
        rows.prefill(sequence, Caches.tokens("abcdefghi"), "");
      }
      cache.flush();
      cache.clear();
      tier.gate = new CountDownLatch(1);
      dropDuringAPromotion(cache);
      tier.gate.countDown();
      assertThat(comesTrue(() -> isBack(cache))).as("%s", cache.stats()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(LeakDetection.class)
  void theLogTellsWhoOpenedIt(LeakDetection detection) throws Exception {
    try (KvCache cache = Caches.open(8, builder -> builder.leakDetection(detection))) {
      cache.begin(new int[0]).close();
      dropASequence(cache, 0);
      assertThat(comesTrue(() -> cache.stats().leakedSequences() == 1)).isTrue();
      if (detection == LeakDetection.OFF) {
        assertThat(logged).isEmpty();
        return;
      }
      assertThat(comesTrue(() -> !logged.isEmpty())).isTrue();
      assertThat(logged).hasSize(1);
      assertThat(logged.getFirst().getMessage()).contains("dropped without close()");
      Throwable opener = logged.getFirst().getThrown();
      if (detection == LeakDetection.ALL) {
        assertThat(opener.getStackTrace())
            .anyMatch(frame -> frame.getMethodName().equals("dropASequence"));
      } else {
        assertThat(opener).isNull();
        assertThat(logged.getFirst().getMessage()).contains("LeakDetection.ALL");
      }
    }
  }

  @Test
  void closedOnesAreNotTakenForLeaked() throws Exception {
    try (KvCache cache = Caches.open(8, builder -> builder)) {
      for (int i = 0; i < 100; i++) {
        cache.begin(new int[0]).close();
        KvLease pin = cache.pin(new int[0]);
        pin.close();
        pin.close();
      }
      for (int i = 0; i < 3; i++) {
        System.gc();
      }
      assertThat(cache.stats().leakedSequences()).isZero();
      assertThat(cache.stats().openSequences()).isZero();
    }
  }
}
