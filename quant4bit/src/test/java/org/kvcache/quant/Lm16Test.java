package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Lm16Test {

  @Test
  void magnitudesAreE4m3NumbersTimesAPowerOfTwo() {
    int[] numbers = {9, 26, 44, 64, 88, 112, 144, 192};
    for (int i = 0; i < 8; i++) {
      assertThat(E4M3.decode(E4M3.encode(numbers[i]))).isEqualTo(numbers[i]);
      assertThat(Lm16.TABLE[i]).isEqualTo(numbers[i] / 128f);
    }
    assertThat(Lm16.MAX).isEqualTo(1.5f);
  }

  @Test
  void codesAscendWithTheMagnitudeAndBit3IsTheSign() {
    for (int i = 0; i < 8; i++) {
      assertThat(Lm16.TABLE[8 + i]).isEqualTo(-Lm16.TABLE[i]);
      assertThat(Lm16.TABLE[i]).isGreaterThan(i == 0 ? 0 : Lm16.TABLE[i - 1]);
    }
  }

  @Test
  void midpointsAreHalfWay() {
    for (int i = 0; i < 7; i++) {
      assertThat(Lm16.MIDPOINTS[i]).isEqualTo((Lm16.TABLE[i] + Lm16.TABLE[i + 1]) / 2);
    }
  }

  @Test
  void firstScaleIsOneBelowTheNearest() {
    for (int code = 2; code <= 125; code++) {
      float amax = E4M3.decode(code) * 1.5f;
      assertThat(Lm16.firstScale(amax, 1)).isEqualTo(Math.min(code - 1, 124));
      assertThat(Lm16.firstScale(amax * 4, 4)).isEqualTo(Math.min(code - 1, 124));
    }
    assertThat(Lm16.firstScale(Float.MIN_VALUE, 1)).isEqualTo(1);
    assertThat(Lm16.firstScale(Float.MAX_VALUE, 1)).isEqualTo(124);
  }

  @Test
  void aGroupReachesTheTopLevelAboveTheLastMidpoint() {
    float midpoint = 168 / 128f;
    int bits = Float.floatToRawIntBits(midpoint * 4);
    assertThat(Lm16.reaches(Float.intBitsToFloat(bits), 4)).isFalse();
    assertThat(Lm16.reaches(Float.intBitsToFloat(bits + 1), 4)).isTrue();
  }

  @Test
  void whatIsTinyBesideTheSmallestScaleBecomesZero() {
    float[] row = Rows.GAUSSIAN.of(32, 1);
    for (int i = 0; i < 32; i++) {
      row[i] *= 1e-6f;
    }
    assertThat(scale(row)).isZero();
    for (int i = 0; i < 32; i++) {
      row[i] *= 1e4f;
    }
    assertThat(scale(row)).isPositive();
  }

  @Test
  void whatIsTooLargeTakesTheLargestScaleThoughSquaresOverflow() {
    float[] row = new float[32];
    row[3] = -1e30f;
    assertThat(scale(row)).isEqualTo(126);
  }

  private static int scale(float[] row) {
    GroupEncoders encoders = ScalarGroupEncoders.INSTANCE;
    return Lm16.scale(encoders, row, 0, encoders.greatest(row, 0, 32), 1);
  }
}
