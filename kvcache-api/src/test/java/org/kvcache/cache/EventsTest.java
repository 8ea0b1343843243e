package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.KvCache;
import org.kvcache.KvSequence;
import org.kvcache.spi.TierSpec.StoreWhen;

class EventsTest {

  private static final int[] PROMPT = Caches.tokens("abcdefghi"); // two blocks and a token

  @TempDir Path folder;

  private final Rows rows = new Rows(Caches.SHAPE);
  private final HeapTier tier = new HeapTier();

  private void serve(KvCache cache, int[] tokens) {
    try (KvSequence sequence = cache.begin(tokens)) {
      rows.prefill(sequence, tokens, "");
    }
  }

  private List<RecordedEvent> recorded(Recording recording, String name) throws IOException {
    Path file = folder.resolve(name);
    recording.dump(file);
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().equals(name))
        .toList();
  }

  private void run() {
    try (KvCache cache =
        Caches.open(
            3 + 32,
            builder -> builder.spareBlocks(32).tier(tier.spec("attic", StoreWhen.EVICTED)))) {
      serve(cache, PROMPT);
      serve(cache, PROMPT); // two blocks from memory
      serve(cache, Caches.tokens("ABCDEFGHI")); // evicts two
      cache.flush();
      serve(cache, PROMPT); // two blocks from the tier
      assertThat(cache.begin(Caches.tokens("0123456789abc")).tryReserve(13)).isFalse();
      cache.flush();
    }
  }

  @Test
  void eventsTellWhatHappened() throws Exception {
    try (var recording = new Recording()) {
      for (String name :
          List.of("SequenceBegin", "TierLoad", "TierStore", "Eviction", "PoolExhausted")) {
        recording.enable("kvcache." + name).withoutThreshold();
      }
      recording.start();
      run();
      recording.stop();

      List<RecordedEvent> begins = recorded(recording, "kvcache.SequenceBegin");
      assertThat(begins.stream().map(event -> event.getInt("promptTokens")))
          .containsExactly(9, 9, 9, 9, 13);
      assertThat(begins.stream().map(event -> event.getInt("memoryTokens")))
          .containsExactly(0, 8, 0, 0, 0);
      assertThat(begins.stream().map(event -> event.getInt("expectedTokens")))
          .containsExactly(0, 8, 0, 8, 0);

      List<RecordedEvent> loads = recorded(recording, "kvcache.TierLoad");
      assertThat(loads).hasSize(1);
      assertThat(loads.getFirst().getString("tier")).isEqualTo("attic");
      assertThat(loads.getFirst().getInt("wanted")).isEqualTo(2);
      assertThat(loads.getFirst().getInt("loaded")).isEqualTo(2);

      List<RecordedEvent> stores = recorded(recording, "kvcache.TierStore");
      assertThat(stores).isNotEmpty();
      assertThat(stores.stream().mapToInt(event -> event.getInt("blocks")).sum())
          .isEqualTo(stores.stream().mapToInt(event -> event.getInt("held")).sum())
          .isEqualTo(4);
      assertThat(stores.getFirst().getString("tier")).isEqualTo("attic");

      List<RecordedEvent> evictions = recorded(recording, "kvcache.Eviction");
      assertThat(evictions.stream().mapToInt(event -> event.getInt("blocks")).sum()).isEqualTo(4);
      assertThat(evictions.stream().mapToInt(event -> event.getInt("demoted")).sum()).isEqualTo(4);

      List<RecordedEvent> full = recorded(recording, "kvcache.PoolExhausted");
      assertThat(full).hasSize(1);
      assertThat(full.getFirst().getInt("wanted")).isEqualTo(4);
      assertThat(full.getFirst().getInt("available")).isEqualTo(3);
    }
  }

  @Test
  void theyAreOffUnlessAskedFor() throws Exception {
    try (var recording = new Recording()) {
      recording.start();
      run();
      recording.stop();
      assertThat(recorded(recording, "kvcache.SequenceBegin")).isEmpty();
      assertThat(recorded(recording, "kvcache.TierStore")).isEmpty();
    }
  }
}
