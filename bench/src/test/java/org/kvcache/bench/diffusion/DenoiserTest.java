package org.kvcache.bench.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.kvcache.bench.diffusion.BlockKv.LookAhead;
import org.kvcache.bench.diffusion.BlockKv.OpenBlock;

class DenoiserTest {

  private static DiffusionModel model;
  private static DiffusionConfig config;
  private static int[] prompt;

  @BeforeAll
  static void read() {
    model = DiffusionModel.builtIn();
    config = model.config;
    prompt = new Random(1).ints(160, 0, config.mask()).toArray();
  }

  @Test
  void lookAheadComputesTheNextBlockAsIfTheDraftWereCommitted() {
    int[] draft = Arrays.copyOf(prompt, config.block());
    int[] masks = new int[config.block()];
    Arrays.fill(masks, config.mask());
    int[] both = Arrays.copyOf(draft, 2 * config.block());
    System.arraycopy(masks, 0, both, config.block(), config.block());

    var kv = new FullAttention(config, 256, true);
    try (var denoiser = new Denoiser(model)) {
      denoiser.prefill(kv, prompt);
    }
    var passAhead = new BlockPass(model, 2 * config.block());
    try (OpenBlock open = kv.begin(config.block());
        LookAhead ahead = open.lookAhead()) {
      assertThat(ahead).isNotNull();
      assertThat(passAhead.forward(both, prompt.length, ahead)).isTrue();
    }
    float[] logitsAhead = passAhead.logits();

    var pass = new BlockPass(model, config.block());
    try (OpenBlock open = kv.begin(config.block())) {
      pass.forward(draft, prompt.length, open);
      open.commit(draft);
    }
    float[] ofDraft = pass.logits().clone();
    try (OpenBlock open = kv.begin(config.block())) {
      pass.forward(masks, prompt.length + config.block(), open);
    }
    int half = ofDraft.length;
    assertThat(Arrays.copyOf(logitsAhead, half)).isEqualTo(ofDraft);
    assertThat(Arrays.copyOfRange(logitsAhead, half, 2 * half)).isEqualTo(pass.logits());
  }

  @Test
  void aPromptIsComputedFromWhereItIsNotCommitted() {
    try (var denoiser = new Denoiser(model)) {
      var whole = new FullAttention(config, 256, false);
      denoiser.prefill(whole, prompt);
      var parts = new FullAttention(config, 256, false);
      denoiser.prefill(parts, Arrays.copyOf(prompt, 64));
      denoiser.prefill(parts, prompt);
      assertThat(parts.length()).isEqualTo(prompt.length);
      assertThat(denoiser.generate(parts, 2)).isEqualTo(denoiser.generate(whole, 2));
    }
  }

  @Test
  void aPromptThatEndsInsideABlockIsRefused() {
    try (var denoiser = new Denoiser(model)) {
      assertThatThrownBy(() -> denoiser.prefill(new FullAttention(config, 64, false), new int[17]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a prompt of 17 tokens; the model takes whole blocks of 16, so pad it");
    }
  }

  @Test
  void aBlockThatDoesNotFitIsRefused() {
    var kv = new FullAttention(config, 15, false);
    assertThatThrownBy(() -> kv.begin(16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a block of 16 tokens after 0; blocks have 16 and there is room for 15 in all");
  }

  @Test
  void everyBlockButTheLastPreparesTheNextOnAnotherThreadAndWaitsBeforeItsCommit() {
    var kv = new ScriptedKv();
    try (var denoiser = new Denoiser(model)) {
      denoiser.generate(kv, 3);
    }
    assertThat(kv.events)
        .containsExactly(
            "lookAhead",
            "ahead closed",
            "commit",
            "close",
            "lookAhead",
            "ahead closed",
            "commit",
            "close",
            "commit",
            "close");
    assertThat(kv.threads).doesNotContain(Thread.currentThread());
  }

  @Test
  void aLookAheadThatIsDroppedGoesNoFurther() {
    var kv = new ScriptedKv();
    kv.wantedAhead = false;
    try (var denoiser = new Denoiser(model)) {
      denoiser.generate(kv, 2);
    }
    assertThat(kv.writesAhead).isEqualTo(1);
    assertThat(kv.events).startsWith("lookAhead", "ahead closed");
  }

  @Test
  void aFailureDropsTheBlockAndTheLookAhead() {
    var kv = new ScriptedKv();
    kv.failsAtAttend = 2 * config.layers();
    try (var denoiser = new Denoiser(model)) {
      assertThatThrownBy(() -> denoiser.generate(kv, 2)).hasMessage("no attention");
    }
    assertThat(kv.events).contains("close", "ahead closed").doesNotContain("commit");
    assertThat(kv.length()).isZero();
  }

  @Test
  void aFailureOfTheLookAheadIsReported() {
    var kv = new ScriptedKv();
    kv.failsAhead = true;
    try (var denoiser = new Denoiser(model)) {
      assertThatThrownBy(() -> denoiser.generate(kv, 2))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the next block could not be prepared")
          .hasRootCauseMessage("no look-ahead");
    }
    assertThat(kv.events).doesNotContain("commit");
  }

  /** Attention that is all zeros, and notes what is asked of it. */
  private static final class ScriptedKv implements BlockKv {

    private final List<String> events = Collections.synchronizedList(new ArrayList<>());
    private final List<Thread> threads = new ArrayList<>();
    private boolean wantedAhead = true;
    private boolean failsAhead;
    private int failsAtAttend = -1;
    private int attends;
    private int writesAhead;
    private int length;

    @Override
    public int length() {
      return length;
    }

    @Override
    public OpenBlock beginPrompt(int tokens) {
      throw new AssertionError("there is no prompt");
    }

    @Override
    public OpenBlock begin(int tokens) {
      return new OpenBlock() {
        @Override
        public boolean write(int layer, float[] k, float[] v) {
          return true;
        }

        @Override
        public boolean attend(int layer, float[] q, float[] out) {
          if (attends++ == failsAtAttend) {
            throw new UnsupportedOperationException("no attention");
          }
          return true;
        }

        @Override
        public LookAhead lookAhead() {
          events.add("lookAhead");
          return new Ahead();
        }

        @Override
        public void commit(int[] committed) {
          events.add("commit");
          length += committed.length;
        }

        @Override
        public void close() {
          events.add("close");
        }
      };
    }

    private final class Ahead implements LookAhead {

      @Override
      public boolean write(int layer, float[] k, float[] v) {
        if (failsAhead) {
          throw new UnsupportedOperationException("no look-ahead");
        }
        threads.add(Thread.currentThread());
        writesAhead++;
        return wantedAhead;
      }

      @Override
      public boolean attend(int layer, float[] q, float[] out) {
        return wantedAhead;
      }

      @Override
      public void close() {
        events.add("ahead closed");
      }
    }
  }
}
