package org.kvcache.bench.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.ByteSize;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.bench.diffusion.BlockKv.OpenBlock;
import org.kvcache.bench.diffusion.LookUpTask.Kind;

class SequenceKvTest {

  private static DiffusionModel model;
  private static DiffusionConfig config;
  private static Denoiser denoiser;

  @BeforeAll
  static void read() {
    model = DiffusionModel.builtIn();
    config = model.config;
    denoiser = new Denoiser(model);
  }

  @AfterAll
  static void close() {
    denoiser.close();
  }

  private static KvCache cache(String scheme, String backend, boolean staged, int blockTokens) {
    return KvCache.open(
        KvCacheConfig.builder()
            .shape(config.kvShape())
            .scheme(scheme)
            .backend(backend)
            .staged(staged)
            .blockTokens(blockTokens)
            .policy("lru")
            .memory(ByteSize.mib(16))
            .build());
  }

  private static int[] answer(LookUpTask task, KvSequence sequence) {
    var kv = new SequenceKv(sequence, config.kvShape());
    denoiser.prefill(kv, task.promptTokens());
    return denoiser.generate(kv, task.blocks());
  }

  @ParameterizedTest
  @CsvSource({"f32, scalar, false", "f32, vector, true", "bf16, vector, false"})
  void logitsAreThoseOfTheReference(String scheme, String backend, boolean staged) {
    int[] prompt = LookUpTasks.seeded(6).next(Kind.TWO, 256, 1).promptTokens();
    int[] masks = new int[config.block()];
    Arrays.fill(masks, config.mask());
    var full = new FullAttention(config, 512, false);
    denoiser.prefill(full, prompt);
    try (KvCache cache = cache(scheme, backend, staged, 16);
        KvSequence sequence = cache.begin(prompt)) {
      var kv = new SequenceKv(sequence, config.kvShape());
      denoiser.prefill(kv, prompt);
      float[] expected = logits(full, masks);
      float[] logits = logits(kv, masks);
      float worst = 0;
      for (int i = 0; i < logits.length; i++) {
        worst = Math.max(worst, Math.abs(logits[i] - expected[i]));
      }
      assertThat(worst).isLessThan(scheme.equals("f32") ? 1e-3f : 0.5f);
    }
  }

  private static float[] logits(BlockKv kv, int[] tokens) {
    var pass = new BlockPass(model, config.block());
    try (OpenBlock block = kv.begin(config.block())) {
      pass.forward(tokens, kv.length(), block);
      return pass.logits();
    }
  }

  @ParameterizedTest
  @CsvSource({"f32, 16", "bf16, 64", "lm16, 16"})
  void tasksAreSolvedAndSharedPrefixesFound(String scheme, int blockTokens) {
    LookUpTask task = LookUpTasks.seeded(7).next(Kind.TWO, 512, 3);
    try (KvCache cache = cache(scheme, "vector", false, blockTokens)) {
      int[] first;
      try (KvSequence sequence = cache.begin(task.promptTokens())) {
        assertThat(sequence.matched()).isZero();
        first = answer(task, sequence);
        assertThat(sequence.length()).isEqualTo(512 + 3 * config.block());
      }
      try (KvSequence sequence = cache.begin(task.promptTokens())) {
        assertThat(sequence.matched()).isEqualTo(512 - blockTokens);
        assertThat(answer(task, sequence)).isEqualTo(first);
      }
      if (!scheme.equals("lm16")) {
        assertThat(task.score(first).blockAccuracy()).isEqualTo(1);
      }
    }
  }

  @Test
  void aPrefixThatEndsInsideABlockIsRefused() {
    int[] prompt = new int[32];
    try (KvCache cache = cache("f32", "scalar", false, 8)) {
      try (KvSequence sequence = cache.begin(prompt)) {
        denoiser.prefill(new SequenceKv(sequence, config.kvShape()), prompt);
      }
      try (KvSequence sequence = cache.begin(prompt)) {
        var kv = new SequenceKv(sequence, config.kvShape());
        assertThatThrownBy(() -> denoiser.prefill(kv, prompt))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(
                "24 tokens are cached, which is no multiple of 16; let blocks of the cache be one");
      }
    }
  }
}
