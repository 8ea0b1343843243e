package org.kvcache.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.ByteSize;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.SequenceOptions;
import org.kvcache.bench.model.InductionModel;
import org.kvcache.bench.model.UniqueText;
import org.kvcache.bench.model.Vocabulary;

class InductionModelTest {

  @TempDir static Path directory;
  private static Decoder decoder;

  @BeforeAll
  static void write() {
    InductionModel.write(directory);
    decoder = Decoder.read(directory);
  }

  private static KvCache cache(String scheme, String backend) {
    return KvCache.open(
        KvCacheConfig.builder()
            .shape(decoder.config().kvShape())
            .scheme(scheme)
            .backend(backend)
            .policy("arc")
            .memory(ByteSize.mib(64))
            .build());
  }

  private static String answer(Generation generation) {
    int[] answer = generation.answer();
    return Vocabulary.decode(answer, 0, answer.length);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100, 700, 2500})
  void goesOnWithWhatFollowedBefore(int length) {
    String text = new UniqueText(length).next(length);
    for (int known : new int[] {3, 5}) {
      int[] prompt = Vocabulary.encode(text + text.substring(0, known));
      int limit = Math.min(40, length - known);
      assertThat(answer(new Generator(decoder, Vocabulary.END).generate(prompt, limit)))
          .isEqualTo(text.substring(known, known + limit));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "f32, scalar",
    "f32, vector",
    "lm16, vector",
    "mxfp4, vector",
    "k8v4, vector",
    "lm16, scalar",
    "fp8, vector",
    "ultraquant, vector",
    "turbo4, vector"
  })
  void overACacheTheAnswerIsTheSameAndPrefixesAreShared(String scheme, String backend) {
    String text = new UniqueText(5).next(600);
    int[] prompt = Vocabulary.encode(text + text.substring(0, 4));
    var generator = new Generator(decoder, Vocabulary.END);
    try (KvCache cache = cache(scheme, backend)) {
      for (int cached : new int[] {0, 592, 592}) {
        Generation generation = generator.generate(cache, prompt, 30, SequenceOptions.DEFAULT);
        assertThat(generation.cachedTokens()).isEqualTo(cached);
        assertThat(answer(generation)).isEqualTo(text.substring(4, 34));
      }
      assertThat(cache.stats().openSequences()).isZero();
    }
  }

  @Test
  void plantedMistakesChangeTheAnswer() {
    String text = new UniqueText(5).next(300);
    int[] prompt = Vocabulary.encode(text + text.substring(0, 4));
    for (int mistake = 0; mistake < 4; mistake++) {
      int[] tokens = Arrays.copyOf(prompt, prompt.length + 1);
      var kv = new Mistaken(new FloatKv(decoder.config(), tokens.length), mistake);
      float[] logits = new float[decoder.config().vocabulary()];
      decoder.forward(tokens, 0, prompt.length, 0, kv, logits);
      assertThat(Vocabulary.decode(Generator.greatest(logits)))
          .as("mistake " + mistake)
          .isNotEqualTo(text.substring(4, 5));
    }
  }

  /** One of: V a token off, rows lost, rows of other positions, heads exchanged. */
  private record Mistaken(FloatKv kv, int mistake) implements KvStore {
    @Override
    public void append(int layer, int position, int tokens, float[] k, float[] v) {
      float[] k2 = k.clone();
      float[] v2 = v.clone();
      switch (mistake) {
        case 0 -> System.arraycopy(v, 0, v2, 256, v.length - 256);
        case 1 -> Arrays.fill(k2, 0, 20 * 256, 0);
        case 2 -> System.arraycopy(k, 0, k2, 16 * 256, 280 * 256);
        default -> {
          for (int t = 0; t < tokens; t++) {
            System.arraycopy(v, t * 256, v2, t * 256 + 128, 128);
            System.arraycopy(v, t * 256 + 128, v2, t * 256, 128);
          }
        }
      }
      kv.append(layer, position, tokens, k2, v2);
    }

    @Override
    public void attend(int layer, int position, int tokens, float[] q, float[] out) {
      kv.attend(layer, position, tokens, q, out);
    }
  }
}
