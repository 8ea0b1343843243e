package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LloydMaxTest {

  private static final int DIM = 128;
  private static final int ROWS = 4_000;

  @Test
  void sixteenLevelsArePublishedOnes() {
    double[] published = {0.1284, 0.3881, 0.6568, 0.9424, 1.2562, 1.6181, 2.0690, 2.7326};
    double[] levels = LloydMax.levels(4);
    assertThat(levels).hasSize(16);
    for (int i = 0; i < 8; i++) {
      assertThat(levels[8 + i]).isCloseTo(published[i], within(1e-4));
      assertThat(levels[7 - i]).isEqualTo(-levels[8 + i]);
    }
  }

  @Test
  void oneAndTwoBitsArePublishedOnes() {
    assertThat(LloydMax.levels(1)[1]).isCloseTo(Math.sqrt(2 / Math.PI), within(1e-9));
    assertThat(LloydMax.levels(2)[2]).isCloseTo(0.4528, within(5e-5));
    assertThat(LloydMax.levels(2)[3]).isCloseTo(1.5104, within(5e-5));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void everyLevelIsTheMeanOfItsCell(int bits) {
    double[] levels = LloydMax.levels(bits);
    for (int i = 0; i < levels.length; i++) {
      double low = i == 0 ? -12 : (levels[i - 1] + levels[i]) / 2;
      double high = i == levels.length - 1 ? 12 : (levels[i] + levels[i + 1]) / 2;
      double mass = 0;
      double moment = 0;
      int steps = 100_000;
      for (int k = 0; k < steps; k++) {
        double x = low + (k + 0.5) * (high - low) / steps;
        double density = Math.exp(-x * x / 2);
        mass += density;
        moment += density * x;
      }
      assertThat(levels[i]).isCloseTo(moment / mass, within(1e-7));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0.3635", "2, 0.1175", "3, 0.0345", "4, 0.0095"})
  void distortionOfNormalRowsOfLengthOneIsThePublishedOne(int bits, double published) {
    double[] levels = LloydMax.levels(bits);
    float[] x = Rows.GAUSSIAN.of(ROWS * DIM, bits);
    double error = 0;
    for (int row = 0; row < ROWS; row++) {
      double squares = 0;
      for (int i = row * DIM; i < (row + 1) * DIM; i++) {
        squares += (double) x[i] * x[i];
      }
      double unit = Math.sqrt(squares / DIM);
      for (int i = row * DIM; i < (row + 1) * DIM; i++) {
        double y = x[i] / unit;
        double least =
            Arrays.stream(levels).map(level -> (level - y) * (level - y)).min().orElse(9);
        error += least / DIM;
      }
    }
    assertThat(error / ROWS).isCloseTo(published, withPercentage(2));
  }
}
