package org.kvcache.bench.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.ByteSize;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.bench.model.RandomModel;

class LogitsTest {

  private static final int TOKENS = 300;

  @TempDir static Path directory;
  private static Decoder decoder;
  private static int[] tokens;
  private static float[] exact;

  @BeforeAll
  static void compute() {
    RandomModel.write(directory, 3);
    decoder = Decoder.read(directory);
    tokens = new Random(1).ints(TOKENS, 3, 99).toArray();
    exact = logits(new FloatKv(decoder.config(), TOKENS), 0, 50);
  }

  private static float[] logits(KvStore kv, int from, int chunk) {
    int vocabulary = decoder.config().vocabulary();
    float[] all = new float[TOKENS * vocabulary];
    float[] rows = new float[chunk * vocabulary];
    for (int at = from; at < TOKENS; at += chunk) {
      int count = Math.min(chunk, TOKENS - at);
      decoder.forwardAll(tokens, at, count, at, kv, rows);
      System.arraycopy(rows, 0, all, at * vocabulary, count * vocabulary);
      if (kv instanceof CachedKv cached) {
        cached.sequence().commit(tokens, at, count);
      }
    }
    return all;
  }

  private static KvCache cache(String scheme, String backend, boolean staged) {
    return KvCache.open(
        KvCacheConfig.builder()
            .shape(decoder.config().kvShape())
            .scheme(scheme)
            .backend(backend)
            .staged(staged)
            .blockTokens(scheme.equals("kivi4") ? 128 : 16)
            .policy("lru")
            .memory(ByteSize.mib(32))
            .build());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void exactSchemeOnTheScalarBackendIsTheEnginesOwnAttentionToTheLastBit(boolean staged) {
    try (KvCache cache = cache("f32", "scalar", staged);
        KvSequence sequence = cache.begin(tokens)) {
      assertThat(logits(new CachedKv(sequence), 0, 37)).isEqualTo(exact);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "f32, 0.9999999",
    "bf16, 0.9999",
    "k8v4, 0.999",
    "fp8, 0.999",
    "lm16, 0.997",
    "mxfp4, 0.995",
    "mxfp4m, 0.995",
    "turbo4, 0.995",
    "kivi4, 0.995"
  })
  void logitsPointWhereTheExactOnesDo(String scheme, double least) {
    try (KvCache cache = cache(scheme, "vector", false);
        KvSequence sequence = cache.begin(tokens)) {
      assertThat(meanCosine(logits(new CachedKv(sequence), 0, 50))).isGreaterThan(least);
    }
  }

  private static double meanCosine(float[] logits) {
    int vocabulary = decoder.config().vocabulary();
    double total = 0;
    for (int at = 0; at < logits.length; at += vocabulary) {
      double dot = 0;
      double a = 0;
      double b = 0;
      for (int i = at; i < at + vocabulary; i++) {
        dot += logits[i] * (double) exact[i];
        a += logits[i] * (double) logits[i];
        b += exact[i] * (double) exact[i];
      }
      total += dot / Math.sqrt(a * b);
    }
    return total / TOKENS;
  }

  @ParameterizedTest
  @ValueSource(strings = {"lm16", "mxfp4", "k8v4"})
  void aCachedPrefixGivesTheLogitsThatComputingItGives(String scheme) {
    try (KvCache cache = cache(scheme, "vector", false)) {
      float[] first;
      try (KvSequence sequence = cache.begin(tokens)) {
        first = logits(new CachedKv(sequence), 0, 50);
      }
      try (KvSequence sequence = cache.begin(tokens)) {
        int from = sequence.matched();
        assertThat(from).isEqualTo(288);
        float[] again = logits(new CachedKv(sequence), from, 5);
        int at = from * decoder.config().vocabulary();
        assertThat(Arrays.mismatch(again, at, again.length, first, at, first.length)).isEqualTo(-1);
      }
    }
  }

  @Test
  void theSizeOfAChunkChangesNothing() {
    assertThat(logits(new FloatKv(decoder.config(), TOKENS), 0, 7)).isEqualTo(exact);
  }
}
