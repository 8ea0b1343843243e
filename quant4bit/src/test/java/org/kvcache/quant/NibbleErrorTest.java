package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NibbleErrorTest {

  private static final int DIM = 128;
  private static final int ROWS = 8_192;

  private static double relativeError(Nibble format) {
    float[] x = Rows.GAUSSIAN.of(ROWS * DIM, 20261122);
    float[] decoded = new Stored(format.codec(DIM, Kernels.best()), ROWS).encode(x).decode();
    double error = 0;
    double size = 0;
    for (int i = 0; i < x.length; i++) {
      error += ((double) decoded[i] - x[i]) * ((double) decoded[i] - x[i]);
      size += (double) x[i] * x[i];
    }
    return error / size;
  }

  @ParameterizedTest
  @CsvSource({
    "MXFP4_OCP, 0.0132",
    "MXFP4_UQ, 0.0178",
    "NVFP4, 0.0090",
    "Q4_0, 0.0074",
    "INT4, 0.0099",
    "INT4_SYM, 0.0137",
    "TURBO4, 0.0092",
    "KIVI4, 0.0100",
  })
  void squaredErrorOfNormalRowsIsTheKnownOne(Nibble format, double known) {
    assertThat(relativeError(format)).isCloseTo(known, withPercentage(2));
  }

  @ParameterizedTest
  @CsvSource({"MXFP4, 0.0126", "LM16, 0.0065", "MXFP4M, 0.0104"})
  void squaredErrorOfNormalRowsIsBelow(Nibble format, double most) {
    assertThat(relativeError(format)).isBetween(0.9 * most, most);
  }

  @Test
  void noPowerOfTwoBeatsT7ByMuch() {
    float[] x = Rows.GAUSSIAN.of(1_000 * 32, 5);
    float[] t7 = new Stored(Nibble.MXFP4.codec(32, Kernels.best()), 1_000).encode(x).decode();
    double error = 0;
    double least = 0;
    for (int group = 0; group < 1_000; group++) {
      double best = Double.POSITIVE_INFINITY;
      for (int exponent = -4; exponent < 4; exponent++) {
        double sum = 0;
        for (int i = 32 * group; i < 32 * group + 32; i++) {
          double nearest = Double.POSITIVE_INFINITY;
          for (double level : Reference.E2M1) {
            nearest = Math.min(nearest, Math.abs(Math.scalb(level, exponent) - x[i]));
          }
          sum += nearest * nearest;
        }
        best = Math.min(best, sum);
      }
      least += best;
      for (int i = 32 * group; i < 32 * group + 32; i++) {
        error += ((double) t7[i] - x[i]) * ((double) t7[i] - x[i]);
      }
    }
    assertThat(error).isBetween(least, 1.02 * least);
  }
}
