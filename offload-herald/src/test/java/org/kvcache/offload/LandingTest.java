package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.kvcache.offload.Landing.Outcome;

class LandingTest {

  private final SampleBlocks blocks = SampleBlocks.of(2, 100);
  private final Landing landing =
      new Landing(SampleBlocks.SPACE, blocks.keys.hi(0), blocks.keys.lo(0), blocks.loadedBlock(0));

  private boolean targetIsUntouched() {
    return blocks.loadedBlock(0).mismatch(MemorySegment.ofArray(new byte[100])) == -1;
  }

  @Test
  void rightRecordIsCopied() {
    landing.set(ByteBuffer.wrap(blocks.record(0)));

    assertThat(landing.get()).isEqualTo(Outcome.LOADED);
    assertThat(blocks.areLoaded(1)).isTrue();
  }

  @Test
  void noValueIsAbsent() {
    landing.set((ByteBuffer) null);

    assertThat(landing.get()).isEqualTo(Outcome.ABSENT);
  }

  @Test
  void recordOfAnotherBlockIsCorruptAndNotCopied() {
    landing.set(ByteBuffer.wrap(blocks.record(1)));

    assertThat(landing.get()).isEqualTo(Outcome.CORRUPT);
    assertThat(targetIsUntouched()).isTrue();
  }

  @Test
  void lateReplyIsNotCopied() {
    landing.close();
    landing.set(ByteBuffer.wrap(blocks.record(0)));

    assertThat(landing.get()).isEqualTo(Outcome.ABSENT);
    assertThat(targetIsUntouched()).isTrue();
  }

  @Test
  void valueOfAnotherTypeIsCorrupt() {
    landing.setError(error("WRONGTYPE Operation against a key"));

    assertThat(landing.get()).isEqualTo(Outcome.CORRUPT);
    assertThat(landing.hasError()).isFalse();
  }

  @Test
  void otherErrorsAreErrors() {
    landing.setError(error("LOADING"));

    assertThat(landing.getError()).isEqualTo("LOADING");
  }

  private static ByteBuffer error(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }
}
