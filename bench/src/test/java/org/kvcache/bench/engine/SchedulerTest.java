package org.kvcache.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.SequenceOptions;
import org.kvcache.bench.model.InductionModel;
import org.kvcache.bench.model.UniqueText;
import org.kvcache.bench.model.Vocabulary;

class SchedulerTest {

  @TempDir static Path directory;
  private static Decoder decoder;

  @BeforeAll
  static void write() {
    InductionModel.write(directory);
    decoder = Decoder.read(directory);
  }

  private static KvCache cache(int blocks) {
    var shape = decoder.config().kvShape();
    return KvCache.open(
        KvCacheConfig.builder()
            .shape(shape)
            .scheme("f32")
            .policy("arc")
            .memory(blocks * 16 * shape.floatBytesPerToken())
            .build());
  }

  private static int served(KvCache cache, int requests) {
    var scheduler = new Scheduler(decoder, cache, Vocabulary.END);
    var texts = new ArrayList<String>();
    var tickets = new ArrayList<Scheduler.Ticket>();
    for (int i = 0; i < requests; i++) {
      String text = new UniqueText(i).next(90 + 7 * i);
      texts.add(text);
      int[] prompt = Vocabulary.encode(text + text.substring(0, 4));
      tickets.add(scheduler.submit(prompt, 40, SequenceOptions.DEFAULT));
    }
    for (int i = 0; i < requests; i++) {
      int[] answer = tickets.get(i).await().answer();
      assertThat(Vocabulary.decode(answer, 0, answer.length))
          .isEqualTo(texts.get(i).substring(4, 44));
    }
    assertThat(cache.stats().openSequences()).isZero();
    assertThat(cache.stats().blocks().pinnedBlocks()).isZero();
    return scheduler.preemptions();
  }

  @Test
  void manySequencesAnswerAsOneByOne() {
    try (KvCache cache = cache(200)) {
      assertThat(served(cache, 8)).isZero();
    }
  }

  @Test
  void whenRoomIsShortTheYoungestGivesWayAndStillAnswers() {
    try (KvCache cache = cache(24)) {
      assertThat(served(cache, 8)).isPositive();
    }
  }

  @Test
  void promptThatNeverFitsIsRefused() {
    try (KvCache cache = cache(2)) {
      var scheduler = new Scheduler(decoder, cache, Vocabulary.END);
      Scheduler.Ticket ticket = scheduler.submit(new int[100], 5, SequenceOptions.DEFAULT);
      assertThatThrownBy(ticket::await).hasMessageContaining("100 tokens does not fit");
    }
  }

  @Test
  void requestsOfOnePromptShareIt() {
    List<Scheduler.Ticket> tickets = new ArrayList<>();
    String text = new UniqueText(1).next(200);
    int[] prompt = Vocabulary.encode(text + text.substring(0, 4));
    try (KvCache cache = cache(60)) {
      var scheduler = new Scheduler(decoder, cache, Vocabulary.END);
      scheduler.submit(prompt, 5, SequenceOptions.DEFAULT).await();
      for (int i = 0; i < 6; i++) {
        tickets.add(scheduler.submit(prompt, 10, SequenceOptions.DEFAULT));
      }
      for (Scheduler.Ticket ticket : tickets) {
        assertThat(ticket.await().cachedTokens()).isEqualTo(192);
      }
    }
  }

  @Test
  void nothingToComputeIsRefused() {
    try (KvCache cache = cache(4)) {
      var scheduler = new Scheduler(decoder, cache, Vocabulary.END);
      assertThatThrownBy(() -> scheduler.submit(new int[0], 5, SequenceOptions.DEFAULT))
          .hasMessageContaining("0 tokens");
      assertThatThrownBy(() -> scheduler.submit(new int[5], 0, SequenceOptions.DEFAULT))
          .hasMessageContaining("answer of 0");
    }
  }
}
