package org.kvcache.bench.jlama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tjake.jlama.model.AbstractModel;
import com.github.tjake.jlama.model.ModelSupport;
import com.github.tjake.jlama.safetensors.DType;
import com.github.tjake.jlama.safetensors.prompt.PromptContext;
import com.github.tjake.jlama.tensor.KvBufferCache;
import com.github.tjake.jlama.tensor.SequenceKvBuffer;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.ByteSize;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvShape;
import org.kvcache.SequenceOptions;
import org.kvcache.bench.model.InductionModel;
import org.kvcache.bench.model.UniqueText;

class JlamaTest {

  private static final String TEXT = new UniqueText(9).next(300);
  private static final String PROMPT = TEXT + TEXT.substring(0, 5);
  private static final int ANSWER = 24;
  private static final int PROMPT_TOKENS = PROMPT.length() + 1; // and the begin token

  @TempDir static Path directory;
  private static AbstractModel model;

  @BeforeAll
  static void load() {
    System.setProperty("jlama.force_panama_tensor_operations", "true");
    InductionModel.write(directory);
    model = ModelSupport.loadModel(directory.toFile(), DType.F32, DType.F32);
  }

  @AfterAll
  static void close() {
    model.close();
  }

  private static KvCache cache(String scheme) {
    return KvCache.open(
        KvCacheConfig.builder()
            .shape(JlamaCache.shape(model))
            .scheme(scheme)
            .policy("arc")
            .memory(ByteSize.mib(32))
            .build());
  }

  private static String generate(UUID session, String prompt, int tokens) {
    return model.generate(session, PromptContext.of(prompt), 0, tokens, (text, time) -> {})
        .responseText;
  }

  private static String stock(String prompt) {
    return generate(UUID.randomUUID(), prompt, prompt.length() + 1 + ANSWER);
  }

  @Test
  void tokenizerTakesEveryCharacter() {
    String all = "\n !\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~";
    int[] tokens = model.encodePrompt(PromptContext.of(all));
    var back = new StringBuilder();
    for (int i = 1; i < tokens.length; i++) {
      back.append(model.getTokenizer().decode(tokens[i]));
    }
    assertThat(back.toString()).isEqualTo(all);
    assertThat(tokens).hasSize(all.length() + 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "lm16", "mxfp4", "k8v4"})
  void stockGenerateSaysTheSameOverTheCache(String scheme) {
    String expected = stock(PROMPT);
    assertThat(TEXT.substring(5)).startsWith(expected);
    assertThat(expected).hasSizeGreaterThan(ANSWER - 3);
    try (KvCache cache = cache(scheme);
        JlamaCache installed = JlamaCache.install(model, cache)) {
      UUID session = UUID.randomUUID();
      assertThat(generate(session, PROMPT, PROMPT_TOKENS + ANSWER)).isEqualTo(expected);
      assertThat(cache.stats().committedTokens()).isGreaterThan(PROMPT.length());
      assertThat(cache.stats().openSequences()).isEqualTo(1);
      installed.close(session);
      assertThat(cache.stats().openSequences()).isZero();
      assertThat(cache.stats().blocks().pinnedBlocks()).isZero();
    }
    assertThat(stock(PROMPT)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"f32", "lm16", "mxfp4", "k8v4"})
  void secondRequestFindsThePrompt(String scheme) {
    try (KvCache cache = cache(scheme)) {
      var generator = new JlamaGenerator(model, cache);
      for (int cached : new int[] {0, PROMPT_TOKENS / 16 * 16}) {
        JlamaGenerator.Answer answer =
            generator.generate(PromptContext.of(PROMPT), ANSWER, SequenceOptions.DEFAULT);
        assertThat(answer.text()).isEqualTo(TEXT.substring(5, 5 + ANSWER));
        assertThat(answer.promptTokens()).isEqualTo(PROMPT_TOKENS);
        assertThat(answer.cachedTokens()).isEqualTo(cached);
      }
      assertThat(cache.stats().openSequences()).isZero();
    }
  }

  @Test
  void sessionsThatNobodyClosesDoNotFillTheCache() {
    String prompt = TEXT.substring(0, 60) + TEXT.substring(0, 5);
    String expected = stock(prompt);
    try (KvCache cache = cache("lm16");
        JlamaCache installed = JlamaCache.install(model, cache, 2)) {
      UUID kept = UUID.randomUUID();
      for (int i = 0; i < 4; i++) {
        UUID session = i == 3 ? kept : UUID.randomUUID();
        assertThat(generate(session, prompt, prompt.length() + 1 + ANSWER)).isEqualTo(expected);
        assertThat(cache.stats().openSequences()).isEqualTo(Math.min(i + 1, 2));
      }
      assertThat(installed.getKvBuffer(kept).getCurrentContextPosition()).isPositive();
      installed.getKvBuffer(UUID.randomUUID());
      installed.getKvBuffer(UUID.randomUUID());
      assertThat(installed.getKvBuffer(kept).getCurrentContextPosition()).isPositive();
      assertThat(cache.stats().openSequences()).isEqualTo(3);
    }
  }

  @Test
  void aSessionGoesBackToAnEarlierPosition() {
    try (KvCache cache = cache("f32");
        JlamaCache installed = JlamaCache.install(model, cache)) {
      UUID session = UUID.randomUUID();
      String answer = generate(session, PROMPT, PROMPT_TOKENS + ANSWER);
      installed.getKvBuffer(session).setCurrentContextPosition(0);
      assertThat(generate(session, PROMPT, PROMPT_TOKENS + ANSWER)).isEqualTo(answer);
      var buffer = installed.getKvBuffer(session);
      int last = buffer.getCurrentContextPosition();
      buffer.setCurrentContextPosition(last);
      assertThat(buffer.getCurrentContextPosition()).isEqualTo(last);
    }
  }

  @Test
  void pagesHaveFewShapesSinceJlamaPoolsByShape() {
    try (KvCache cache = cache("f32");
        var sequence = cache.begin(new int[0])) {
      var buffer =
          new SequenceKvBuffer(
              new KvBufferCache(model),
              UUID.randomUUID(),
              sequence,
              cache.config().shape(),
              position -> {});
      var lengths = new TreeSet<Integer>();
      for (int position = 0; position < 200; position++) {
        lengths.add(buffer.getKeyTensorsUptoPosition(0, position)[0].shape().first());
        lengths.add(buffer.getValTensorsUptoPosition(0, position)[0].shape().first());
      }
      assertThat(lengths).containsExactly(64, 128, 256);
    }
  }

  @Test
  void aSessionGoesOnWhereItStopped() {
    try (KvCache cache = cache("f32");
        JlamaCache installed = JlamaCache.install(model, cache)) {
      UUID session = UUID.randomUUID();
      UUID other = UUID.randomUUID();
      generate(session, TEXT, TEXT.length() + 3);
      String strange = new UniqueText(77).next(120);
      generate(other, strange, strange.length() + 3);
      int stored = installed.getKvBuffer(session).getCurrentContextPosition();
      assertThat(stored).isGreaterThanOrEqualTo(TEXT.length() + 1);
      String question = TEXT.substring(40, 46);
      String answer = generate(session, question, stored + 7 + 12);
      assertThat(answer).isNotEmpty();
      assertThat(TEXT.substring(46)).startsWith(answer);
      String askedOther = strange.substring(10, 16);
      int storedOther = installed.getKvBuffer(other).getCurrentContextPosition();
      String otherAnswer = generate(other, askedOther, storedOther + 7 + 12);
      assertThat(otherAnswer).isNotEmpty();
      assertThat(strange.substring(16)).startsWith(otherAnswer);
    }
  }

  @Test
  void promptLongerThanTheContextIsRefused() {
    try (KvCache cache = cache("lm16")) {
      var generator = new JlamaGenerator(model, cache);
      int context = model.getConfig().contextLength;
      String tooLong = "x".repeat(context);
      assertThatThrownBy(
              () -> generator.generate(PromptContext.of(tooLong), ANSWER, SequenceOptions.DEFAULT))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining((context + 1) + " tokens")
          .hasMessageContaining("context " + context);
    }
  }

  @Test
  void modelThatWorksInHalfPrecisionIsRefused() {
    AbstractModel half = ModelSupport.loadModel(directory.toFile(), DType.BF16, DType.BF16);
    try (KvCache cache = cache("lm16")) {
      assertThatThrownBy(() -> new JlamaGenerator(half, cache))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("BF16");
    } finally {
      half.close();
    }
  }

  @Test
  void tenantsDoNotShare() {
    try (KvCache cache = cache("lm16")) {
      var generator = new JlamaGenerator(model, cache);
      var red = SequenceOptions.DEFAULT.withSalt("red");
      generator.generate(PromptContext.of(PROMPT), 2, red);
      var blue = SequenceOptions.DEFAULT.withSalt("blue");
      assertThat(generator.generate(PromptContext.of(PROMPT), 2, blue).cachedTokens()).isZero();
      assertThat(generator.generate(PromptContext.of(PROMPT), 2, red).cachedTokens()).isPositive();
    }
  }

  @Test
  void cacheOfAnotherShapeIsRefused() {
    try (KvCache cache =
        KvCache.open(
            KvCacheConfig.builder()
                .shape(KvShape.of(1, 2, 128, 4))
                .policy("lru")
                .memory(ByteSize.mib(1))
                .build())) {
      assertThatThrownBy(() -> JlamaCache.install(model, cache))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("layers=1")
          .hasMessageContaining("layers=2");
    }
  }
}
