package org.kvcache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ExactAttentionTest {

  private static final float[] KEYS = {2, 0, 0, 0, 0, 2, 0, 0};
  private static final float[] VALUES = {1, 2, 3, 4, 5, 6, 7, 8};
  private static final float[] QUERIES = {1, 0, 0, 0, 0, 0, 1, 0};

  private final ExactAttention attention =
      new ExactAttention(new KvSample(4, KEYS, VALUES, QUERIES));

  @Test
  void logitsAreDividedByTheRootOfTheHeadDim() {
    assertThat(attention.logits()).containsExactly(1, 0, 0, 0);
  }

  @Test
  void outputIsTheSoftmaxOverValues() {
    float weight = (float) (Math.E / (Math.E + 1));
    float[] output = attention.output(0);
    for (int c = 0; c < 4; c++) {
      assertThat(output[c])
          .isCloseTo(weight * VALUES[c] + (1 - weight) * VALUES[c + 4], within(1e-5f));
    }
    assertThat(attention.output(1)).containsExactly(3, 4, 5, 6);
  }

  @Test
  void gainIsRelativeToTheDeviationAboutEachQuerysMean() {
    var sample = new KvSample(1, new float[] {1, 3}, new float[] {0, 0}, new float[] {1, 1});
    assertThat(ExactAttention.gain(sample, 2.5)).isEqualTo(2.5);
    var shifted = new KvSample(1, new float[] {101, 103}, new float[] {0, 0}, new float[] {1, 1});
    assertThat(ExactAttention.gain(shifted, 2.5)).isEqualTo(2.5);
  }

  @Test
  void dotTakesOddLengths() {
    float[] a = {0, 1, 2, 3};
    float[] b = {4, 5, 6};
    assertThat(ExactAttention.dot(a, 1, b, 0, 3)).isEqualTo(4 + 10 + 18);
    assertThat(ExactAttention.dot(a, 3, b, 2, 1)).isEqualTo(18);
    assertThat(ExactAttention.dot(a, 0, b, 0, 0)).isZero();
  }
}
