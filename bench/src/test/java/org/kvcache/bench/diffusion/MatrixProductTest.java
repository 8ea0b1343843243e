package org.kvcache.bench.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixProductTest {

  private static float[] random(Random random, int length) {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource({"4, 1, 16", "16, 128, 272", "8, 33, 48", "64, 64, 112"})
  void eachElementIsOneChainInOrder(int rows, int inner, int columns) {
    var random = new Random(rows + inner + columns);
    int aStride = inner + 3;
    int bStride = columns + 5;
    int cStride = columns + 7;
    float[] a = random(random, 2 + rows * aStride);
    float[] b = random(random, 1 + inner * bStride);
    float[] c = random(random, 4 + rows * cStride);
    float[] expected = c.clone();
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int at = 4 + row * cStride + column;
        for (int i = 0; i < inner; i++) {
          expected[at] =
              Math.fma(a[2 + row * aStride + i], b[1 + i * bStride + column], expected[at]);
        }
      }
    }
    MatrixProduct.add(a, 2, aStride, b, 1, bStride, c, 4, cStride, rows, inner, columns);
    assertThat(c).isEqualTo(expected);
  }

  @Test
  void exponentialsAreCloseToThoseOfJava() {
    float[] x = new float[32_000];
    for (int i = 0; i < x.length; i++) {
      x[i] = -100 + i * 190f / x.length;
    }
    float[] y = x.clone();
    Exponentials.replace(y, 0, y.length, 0.5f, 3);
    Exponentials.replace(x, 16, 16, -1, 0);
    for (int i = 0; i < y.length; i++) {
      double expected = Math.exp((-100 + i * 190f / x.length) * 0.5f + 3);
      assertThat(Math.abs(y[i] / expected - 1)).isLessThan(1e-6);
    }
    assertThat(x[15]).isEqualTo(-100 + 15 * 190f / x.length);
    assertThat(x[16]).isEqualTo(x[31]).isBetween(1.6e38f, 1.7e38f);
    assertThat(x[32]).isEqualTo(-100 + 32 * 190f / x.length);
  }
}
