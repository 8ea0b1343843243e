package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ScaleRuleTest {

  private static final int MIN_EXPONENT = -126;
  private static final int MAX_EXPONENT = 127;

  /** Each mantissa within 2,000 steps of where a rule changes its mind, and a spread of others. */
  private static int[] mantissas() {
    int[] around = {0, 0x60_0000, (int) (0.133 * 0x80_0000), 0x7F_FFFF};
    return IntStream.concat(
            IntStream.of(around).flatMap(m -> IntStream.rangeClosed(m - 2_000, m + 2_000)),
            IntStream.range(0, 2_048).map(i -> i << 12))
        .filter(m -> m >= 0 && m <= 0x7F_FFFF)
        .toArray();
  }

  private static double amax(int exponent, int mantissa) {
    return Math.scalb(1 + mantissa / (double) 0x80_0000, exponent);
  }

  private static int bits(int exponent, int mantissa) {
    return (exponent + 127 << 23) | mantissa;
  }

  /** 2^5 · 0.156² · m² against 1 tells whether log2(0.156 m) is at least -2.5, exactly. */
  private static boolean reachesTheNextUqScale(int mantissa) {
    BigDecimal m = BigDecimal.ONE.add(new BigDecimal(mantissa / (double) 0x80_0000));
    BigDecimal scaled = new BigDecimal("0.156").multiply(m);
    return scaled.pow(2).multiply(BigDecimal.valueOf(32)).compareTo(BigDecimal.ONE) >= 0;
  }

  private static int expected(ScaleRule rule, int exponent, int mantissa) {
    int floor =
        switch (rule) {
          case T7 -> mantissa >= 0x60_0000 ? exponent - 1 : exponent - 2;
          case OCP -> exponent - 2;
          case UQ -> reachesTheNextUqScale(mantissa) ? exponent - 2 : exponent - 3;
        };
    return Math.max(floor + 127, rule == ScaleRule.UQ ? 1 : 0);
  }

  @ParameterizedTest
  @EnumSource
  void scalesOfNormalNumbers(ScaleRule rule) {
    int[] mantissas = mantissas();
    for (int exponent = MIN_EXPONENT; exponent <= MAX_EXPONENT; exponent++) {
      for (int mantissa : mantissas) {
        int scale = rule.scale(bits(exponent, mantissa));
        if (scale != expected(rule, exponent, mantissa)) {
          assertThat(scale)
              .as("%s of %s", rule, amax(exponent, mantissa))
              .isEqualTo(expected(rule, exponent, mantissa));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"T7, 3.5, 7", "OCP, 4, 8", "UQ, 4.532, 9.066"})
  void greatestMagnitudeInScales(ScaleRule rule, double least, double above) {
    double lowest = 100;
    double highest = 0;
    for (int exponent = -120; exponent <= MAX_EXPONENT; exponent++) {
      for (int mantissa : mantissas()) {
        int scale = rule.scale(bits(exponent, mantissa));
        double ratio = Math.scalb(amax(exponent, mantissa), 127 - scale);
        lowest = Math.min(lowest, ratio);
        highest = Math.max(highest, ratio);
      }
    }
    assertThat(lowest).isBetween(least, least * 1.001);
    assertThat(highest).isBetween(above * 0.999, Math.nextDown(above));
  }

  @Test
  void uqRoundsTheLogarithm() {
    for (int exponent = -120; exponent <= MAX_EXPONENT; exponent++) {
      for (int mantissa = 0; mantissa < 0x80_0000; mantissa += 977) {
        double amax = amax(exponent, mantissa);
        int scale = (int) Math.floor(Math.log(0.156 * amax) / Math.log(2) + 0.5) + 127;
        assertThat(ScaleRule.UQ.scale(bits(exponent, mantissa))).isEqualTo(scale);
      }
    }
  }

  @Test
  void uqThresholdIsTheSmallestMantissaAboveTheRoot() {
    BigDecimal root =
        BigDecimal.ONE.divide(
            new BigDecimal(32).sqrt(MathContext.DECIMAL64).multiply(new BigDecimal("0.156")),
            MathContext.DECIMAL64);
    BigDecimal steps = root.subtract(BigDecimal.ONE).multiply(BigDecimal.valueOf(0x80_0000));
    int threshold = steps.intValue() + 1;
    assertThat(ScaleRule.UQ.scale(bits(0, threshold))).isEqualTo(127 - 2);
    assertThat(ScaleRule.UQ.scale(bits(0, threshold - 1))).isEqualTo(127 - 3);
  }

  @ParameterizedTest
  @EnumSource
  void zeroHasByteZero(ScaleRule rule) {
    assertThat(rule.scale(0)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"T7, 0", "OCP, 0", "UQ, 1"})
  void subnormalsHaveTheLeastScale(ScaleRule rule, int least) {
    for (int bits = 1; bits < 0x80_0000; bits += 0x3_1415) {
      assertThat(rule.scale(bits)).isEqualTo(least);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotFiniteIsNan(ScaleRule rule) {
    assertThat(rule.scale(Float.floatToRawIntBits(Float.POSITIVE_INFINITY))).isEqualTo(255);
    assertThat(rule.scale(0x7F80_0001)).isEqualTo(255);
    assertThat(rule.scale(0x7FFF_FFFF)).isEqualTo(255);
  }

  @Test
  void inverseTimesScaleIsOne() {
    for (int scale = 0; scale <= 254; scale++) {
      assertThat((double) ScaleRule.inverse(scale)).isEqualTo(Math.pow(2, 127 - scale));
      assertThat(ScaleRule.inverse(scale) * UE8M0.decode(scale)).isEqualTo(1);
    }
  }

  @Test
  void names() {
    assertThat(ScaleRule.named("t7")).isEqualTo(ScaleRule.T7);
    assertThat(ScaleRule.named("ocp")).isEqualTo(ScaleRule.OCP);
    assertThat(ScaleRule.named("uq")).isEqualTo(ScaleRule.UQ);
    assertThatIllegalArgumentException().isThrownBy(() -> ScaleRule.named("t8"));
  }
}
