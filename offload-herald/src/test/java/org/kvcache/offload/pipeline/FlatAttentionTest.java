package org.kvcache.offload.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvCache;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvSequence;
import org.kvcache.KvShape;
import org.kvcache.LookAhead;
import org.kvcache.Retrieval;

/**
 * Queries of zeros over a prefix that fits the budget: the answer is the mean of all values, so
 * that a row that is missing, stale or seen twice shows, wherever it lies.
 */
class FlatAttentionTest {

  private static final KvShape SHAPE = NeedleEngine.SHAPE;
  private static final int ROUNDS = 20;

  private final List<Double> committed = new ArrayList<>();
  private int tokenIds;

  @ParameterizedTest
  @CsvSource({"1, false, 16", "2, false, 1", "3, false, 2", "4, true, 1", "5, false, 3"})
  void everyRowIsSeenOnce(long seed, boolean byToken, int tailBlocks) {
    var random = new Random(seed);
    var retrieval =
        Retrieval.builder()
            .retriever("exact")
            .minTokens(4000)
            .byToken(byToken)
            .tailBlocks(tailBlocks)
            .deviceBytes(64 << 20);
    var config =
        KvCacheConfig.builder()
            .shape(SHAPE)
            .memory(64 << 20)
            .scheme("f32")
            .backend("decoding")
            .retrieval(retrieval.build());
    try (KvCache cache = KvCache.open(config.build());
        KvSequence sequence = cache.begin(new int[0])) {
      append(sequence, 100, random);
      for (int round = 0; round < ROUNDS; round++) {
        block(sequence, new int[] {1, 3, 4, 16, 32, 40}[random.nextInt(6)], random);
        switch (random.nextInt(6)) {
          case 0 -> {
            int length = random.nextInt(sequence.length() + 1);
            sequence.truncate(length);
            committed.subList(length, committed.size()).clear();
          }
          case 1 -> append(sequence, 1 + random.nextInt(40), random);
          default -> {}
        }
      }
      assertThat(cache.stats().retrieval().hostLayers()).isZero();
      assertThat(cache.stats().retrieval().aheadLayers()).isPositive();
    }
  }

  private int[] newTokens(int count) {
    int[] tokens = new int[count];
    Arrays.setAll(tokens, i -> tokenIds++); // no block has the tokens of another
    return tokens;
  }

  private static double[] numbers(int count, Random random) {
    return random.doubles(count, -1, 1).map(x -> (float) x).toArray();
  }

  private static float[] rows(double[] of, int layer) {
    float[] rows = new float[of.length * SHAPE.kvDim()];
    for (int i = 0; i < of.length; i++) {
      Arrays.fill(rows, i * SHAPE.kvDim(), (i + 1) * SHAPE.kvDim(), (float) of[i] + layer);
    }
    return rows;
  }

  private void append(KvSequence sequence, int count, Random random) {
    double[] of = numbers(count, random);
    for (int layer = 0; layer < SHAPE.layers(); layer++) {
      float[] rows = rows(of, layer);
      sequence.append(layer, sequence.length(), count, rows, 0, rows, 0);
    }
    sequence.commit(newTokens(count), 0, count);
    Arrays.stream(of).forEach(committed::add);
  }

  private double mean(double[]... fresh) {
    double sum = committed.stream().mapToDouble(x -> x).sum();
    int count = committed.size();
    for (double[] rows : fresh) {
      sum += Arrays.stream(rows).sum();
      count += rows.length;
    }
    return sum / count;
  }

  private void block(KvSequence sequence, int tokens, Random random) {
    double[] of = {};
    try (DenoisingBlock block = sequence.beginBlock(tokens)) {
      for (int step = 0; step < 2; step++) {
        of = numbers(tokens, random);
        for (int layer = 0; layer < SHAPE.layers(); layer++) {
          float[] rows = rows(of, layer);
          block.write(layer, rows, 0, rows, 0);
          float[] out = new float[tokens * SHAPE.queryDim()];
          block.attend(layer, new float[out.length], 0, out, 0);
          check(out, 0, out.length, mean(of) + layer, "block");
        }
        if (step == 0) {
          lookAhead(block, random);
        }
      }
      if (random.nextInt(6) > 0) {
        block.commit(newTokens(tokens), 0);
        Arrays.stream(of).forEach(committed::add);
      }
    }
  }

  private void lookAhead(DenoisingBlock block, Random random) {
    LookAhead ahead = block.lookAhead();
    if (ahead == null) {
      return;
    }
    double[] draft = numbers(block.tokens(), random);
    double[] masked = numbers(block.tokens(), random);
    int layers = 1 + random.nextInt(SHAPE.layers());
    try (ahead) {
      for (int layer = 0; layer < layers; layer++) {
        float[] first = rows(draft, layer);
        float[] both = Arrays.copyOf(first, 2 * first.length);
        System.arraycopy(rows(masked, layer), 0, both, first.length, first.length);
        assertThat(ahead.write(layer, both, 0, both, 0)).isTrue();
        float[] out = new float[2 * block.tokens() * SHAPE.queryDim()];
        assertThat(ahead.attend(layer, new float[out.length], 0, out, 0)).isTrue();
        check(out, 0, out.length / 2, mean(draft) + layer, "draft");
        check(out, out.length / 2, out.length, mean(draft, masked) + layer, "block ahead");
      }
    }
  }

  private static void check(float[] out, int from, int to, double expected, String what) {
    for (int i = from; i < to; i++) {
      assertThat((double) out[i]).as(what).isCloseTo(expected, within(1e-5));
    }
  }
}
