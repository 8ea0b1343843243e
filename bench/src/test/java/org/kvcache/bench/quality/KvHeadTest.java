package org.kvcache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.function.IntPredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class KvHeadTest {

  private static final int DIM = 64;
  private static final int TOKENS = 4096;

  @ParameterizedTest
  @EnumSource
  void seedGivesTheSameNumbers(KvDistribution distribution) {
    KvSample first = new KvHead(distribution, DIM, 7).sample(100, 3, 1);
    KvSample second = new KvHead(distribution, DIM, 7).sample(100, 3, 1);
    assertThat(second.keys()).isEqualTo(first.keys());
    assertThat(second.values()).isEqualTo(first.values());
    assertThat(second.queries()).isEqualTo(first.queries());
    assertThat(new KvHead(distribution, DIM, 8).sample(100, 3, 1).keys())
        .isNotEqualTo(first.keys());
    assertThat(new KvHead(distribution, DIM, 7).sample(100, 3, 2).keys())
        .isNotEqualTo(first.keys());
  }

  @Test
  void firstNumbersNeverChange() {
    KvSample sample = new KvHead(KvDistribution.HEAVY, 4, 0).sample(1, 1, 1);
    assertThat(sample.keys()).containsExactly(0.54963434f, -0.18866582f, 0.71300125f, 2.5379815f);
  }

  @Test
  void gaussIsStandardNormal() {
    float[] keys = sample(KvDistribution.GAUSS).keys();
    assertThat(mean(keys, 0, 1)).isCloseTo(0, within(0.01));
    assertThat(deviation(keys, 0, 1)).isCloseTo(1, within(0.01));
  }

  @Test
  void outlHasLargeChannelsWithoutMean() {
    KvSample sample = sample(KvDistribution.OUTL);
    int[] large = channels(c -> deviation(sample.keys(), c, DIM) > 5);
    assertThat(large).hasSize(DIM / 32);
    for (int c : large) {
      double deviation = deviation(sample.keys(), c, DIM);
      assertThat(deviation).isBetween(9.5, 31.0);
      assertThat(mean(sample.keys(), c, DIM) / deviation).isCloseTo(0, within(0.08));
      assertThat(deviation(sample.queries(), c, DIM) * Math.sqrt(deviation))
          .isCloseTo(1, within(0.1));
    }
  }

  @Test
  void outliersStayWithTheHead() {
    var head = new KvHead(KvDistribution.OUTL, DIM, 3);
    float[] first = head.sample(TOKENS, 1, 1).keys();
    float[] second = head.sample(TOKENS, 1, 2).keys();
    assertThat(channels(c -> deviation(first, c, DIM) > 5))
        .isEqualTo(channels(c -> deviation(second, c, DIM) > 5))
        .isNotEmpty();
  }

  @Test
  void biasHasLargeMeansAndSmallDeviations() {
    KvSample sample = sample(KvDistribution.BIAS);
    int[] biased = channels(c -> Math.abs(mean(sample.keys(), c, DIM)) > 5);
    assertThat(biased).hasSize(DIM / 32);
    for (int c : biased) {
      assertThat(Math.abs(mean(sample.keys(), c, DIM))).isBetween(9.5, 30.5);
      assertThat(deviation(sample.keys(), c, DIM)).isBetween(0.9, 2.1);
    }
  }

  @Test
  void ropeRotatesBiasByPosition() {
    float[] rope = new KvHead(KvDistribution.ROPE, DIM, 0).sample(TOKENS, 0, 1).keys();
    int half = DIM / 2;
    for (int c = 0; c < half; c++) {
      double frequency = Math.pow(1e6, -2.0 * c / DIM);
      double meanX = 0;
      double meanY = 0;
      for (int token = 0; token < TOKENS; token++) {
        double x = rope[token * DIM + c];
        double y = rope[token * DIM + c + half];
        double angle = -token * frequency;
        meanX += (x * Math.cos(angle) - y * Math.sin(angle)) / TOKENS;
        meanY += (x * Math.sin(angle) + y * Math.cos(angle)) / TOKENS;
      }
      for (double mean : new double[] {meanX, meanY}) {
        assertThat(Math.abs(mean)).matches(size -> size < 0.1 || (size > 9.5 && size < 30.5));
      }
    }
    assertThat(Math.abs(mean(rope, 0, 1))).isLessThan(1);
  }

  @Test
  void heavyHasLongTailsInValuesToo() {
    KvSample sample = sample(KvDistribution.HEAVY);
    assertThat(kurtosis(sample.keys())).isGreaterThan(8);
    assertThat(kurtosis(sample.values())).isGreaterThan(8);
    assertThat(kurtosis(sample(KvDistribution.GAUSS).values())).isCloseTo(3, within(0.1));
  }

  @ParameterizedTest
  @EnumSource
  void logitsGetTheDeviationAskedFor(KvDistribution distribution) {
    KvSample drawn = new KvHead(distribution, DIM, 1).sample(500, 20, 1);
    for (double deviation : new double[] {1, 2.5}) {
      KvSample scaled = drawn.withQueriesTimes(ExactAttention.gain(drawn, deviation));
      assertThat(ExactAttention.gain(scaled, deviation)).isCloseTo(1, within(1e-5));
    }
  }

  @Test
  void oddHeadDimCannotBeRotated() {
    assertThatThrownBy(() -> new KvHead(KvDistribution.ROPE, 7, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs an even one");
  }

  private static KvSample sample(KvDistribution distribution) {
    return new KvHead(distribution, DIM, 0).sample(TOKENS, TOKENS, 1);
  }

  private static int[] channels(IntPredicate chosen) {
    return IntStream.range(0, DIM).filter(chosen).toArray();
  }

  private static double mean(float[] rows, int channel, int stride) {
    return channel(rows, channel, stride).average().orElseThrow();
  }

  private static double deviation(float[] rows, int channel, int stride) {
    double mean = mean(rows, channel, stride);
    return Math.sqrt(
        channel(rows, channel, stride).map(x -> (x - mean) * (x - mean)).average().orElseThrow());
  }

  private static double kurtosis(float[] rows) {
    double deviation = deviation(rows, 0, 1);
    return channel(rows, 0, 1).map(x -> Math.pow(x / deviation, 4)).average().orElseThrow();
  }

  private static DoubleStream channel(float[] rows, int channel, int stride) {
    return IntStream.iterate(channel, i -> i < rows.length, i -> i + stride)
        .mapToDouble(i -> rows[i]);
  }
}
