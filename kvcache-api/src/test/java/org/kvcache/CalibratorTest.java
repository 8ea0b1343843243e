package org.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.Calibration.Origin;

class CalibratorTest {

  private static final Offset<Float> NEAR = within(1e-5f);

  private static Calibrator oneHead(int headDim, float... keys) {
    var calibrator = new Calibrator(1, 1, headDim);
    calibrator.keys(0, 0, keys, 0, keys.length / headDim);
    return calibrator;
  }

  private static float[] gaussian(int rows, double... deviations) {
    var random = new Random(7);
    float[] values = new float[rows * deviations.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * deviations[i % deviations.length]);
    }
    return values;
  }

  @Test
  void withoutSamplesAllStaysAsItComes() {
    Calibration found = new Calibrator(2, 3, 4).finish();
    assertThat(found).isEqualTo(Calibration.identity(2, 3, 4));
  }

  @Test
  void meanIsThatOfEachChannel() {
    HeadCalibration head = oneHead(2, 1, 10, 3, 20).finish().of(0, 0);
    assertThat(head.mean()).containsExactly(2, 15);
    assertThat(head.signs()).containsExactly(1, 1);
  }

  @Test
  void scaleFromKeysGrowsWithTheRootOfTheDeviation() {
    HeadCalibration head = oneHead(2, -1, -16, 1, 16).finish().of(0, 0);
    float[] scale = head.scale();
    assertThat(scale[1] / scale[0]).isCloseTo(4, NEAR);
    assertThat(square(1 / scale[0]) + square(16 / scale[1])).isCloseTo(2, NEAR);
  }

  @Test
  void queriesWeighByRootMeanSquareAboutZero() {
    Calibrator calibrator = oneHead(3, -1, -1, -1, 1, 1, 1);
    calibrator.queries(0, 0, new float[] {4, 4, -1, 4, -4, 1}, 0, 2);
    Calibration found = calibrator.finish();
    float[] scale = found.of(0, 0).scale();
    assertThat(scale[0]).isEqualTo(scale[1]);
    assertThat(scale[2] / scale[0]).isCloseTo(2, NEAR);
    assertThat(found.origin().scaleRule()).isEqualTo("sqrt(std K / rms Q)");
  }

  @Test
  void scaleIsBestForTheNoiseOfScores() {
    double[] keySpread = {1, 20, 0.3, 5};
    double[] querySpread = {3, 0.5, 2, 1};
    Calibrator calibrator = oneHead(4, gaussian(4000, keySpread));
    calibrator.queries(0, 0, gaussian(4000, querySpread), 0, 4000);
    float[] scale = calibrator.finish().of(0, 0).scale();
    double best = noise(keySpread, querySpread, scale);
    for (int c = 0; c < 4; c++) {
      for (float factor : new float[] {0.8f, 1.25f}) {
        float[] other = scale.clone();
        other[c] *= factor;
        assertThat(noise(keySpread, querySpread, other)).isGreaterThan(best);
      }
    }
    assertThat(best).isLessThan(0.5 * noise(keySpread, querySpread, new float[] {1, 1, 1, 1}));
  }

  private static double noise(double[] keySpread, double[] querySpread, float[] scale) {
    double energy = 0;
    double gain = 0;
    for (int c = 0; c < scale.length; c++) {
      energy += square(keySpread[c] / scale[c]);
      gain += square(querySpread[c] * scale[c]);
    }
    return energy * gain;
  }

  @Test
  void whiteKeysStayNearlyAsTheyAre() {
    Calibrator calibrator = oneHead(4, gaussian(20_000, 1, 1, 1, 1));
    calibrator.queries(0, 0, gaussian(20_000, 1, 1, 1, 1), 0, 20_000);
    HeadCalibration head = calibrator.finish().of(0, 0);
    for (int c = 0; c < 4; c++) {
      assertThat(head.mean()[c]).isCloseTo(0, within(0.05f));
      assertThat(head.scale()[c]).isCloseTo(1, within(0.03f));
    }
  }

  @Test
  void channelThatNeverMovedKeepsAUsableScale() {
    HeadCalibration head = oneHead(3, 5, -1, -1, 5, 1, 1).finish().of(0, 0);
    float[] scale = head.scale();
    assertThat(head.mean()[0]).isEqualTo(5);
    assertThat(scale[1] / scale[0]).isBetween(20f, 40f);
  }

  @Test
  void channelThatNoQueryAskedForKeepsAUsableScale() {
    Calibrator calibrator = oneHead(3, -1, -1, -1, 1, 1, 1);
    calibrator.queries(0, 0, new float[] {0, 1, 1}, 0, 1);
    float[] scale = calibrator.finish().of(0, 0).scale();
    assertThat(scale[0] / scale[1]).isBetween(20f, 40f);
  }

  @Test
  void queriesOfZeroSayNothing() {
    Calibrator calibrator = oneHead(2, -1, -4, 1, 4);
    Calibration before = calibrator.finish();
    calibrator.queries(0, 0, new float[2], 0, 1);
    assertThat(calibrator.finish().heads()).isEqualTo(before.heads());
    assertThat(calibrator.finish().origin().scaleRule()).isEqualTo("sqrt(std K)");
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 5, 1e30f, 1e-40f})
  void constantKeysAreOnlyShifted(float value) {
    HeadCalibration head = oneHead(2, value, 1, value, 1, value, 1).finish().of(0, 0);
    assertThat(head.mean()).containsExactly(value, 1);
    assertThat(head.scale()).containsExactly(1, 1);
  }

  @Test
  void keysThatDifferByRoundingOnlyAreConstant() {
    float[] scale = oneHead(1, 1000, Math.nextUp(1000f), 1000).finish().of(0, 0).scale();
    assertThat(scale).containsExactly(1);
  }

  @Test
  void extremeKeysGiveAllowedScales() {
    float max = Float.MAX_VALUE;
    assertThat(oneHead(2, max, max, -max, -max).finish().of(0, 0).scale()[0]).isPositive();
    float min = Float.MIN_VALUE;
    assertThat(oneHead(2, min, 0, 0, min).finish().of(0, 0).scale()[0]).isPositive();
  }

  @Test
  void headWithOneKeyIsNotCalibrated() {
    var calibrator = new Calibrator(1, 2, 2);
    calibrator.keys(0, 0, new float[] {3, 4}, 0, 1);
    calibrator.keys(0, 1, new float[] {-1, -1, 1, 1}, 0, 2);
    Calibration found = calibrator.finish(CalibrationOptions.DEFAULT.withSigns(1));
    assertThat(found.of(0, 0)).isEqualTo(HeadCalibration.identity(2));
    assertThat(found.origin())
        .isEqualTo(
            new Origin("", "identity in 1 of 2 heads, sqrt(std K) in 1 of 2 heads", 3, 0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "1.4, 1",
    "1.42, 2",
    "0.71, 1",
    "0.7, 0.5",
    "3000, 4096",
    "0, 1",
    "1e-40, 0x1p-126"
  })
  void valueScaleIsAPowerOfTwo(float value, float expected) {
    var calibrator = new Calibrator(1, 1, 2);
    calibrator.values(0, 0, new float[] {value, -value, -value, value}, 0, 2);
    assertThat(calibrator.finish().of(0, 0).valueScale()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void rowsThatAreNotFiniteAreSkippedAndCounted(float bad) {
    Calibrator calibrator = oneHead(2, -1, -2, bad, 9, 1, 2, 9, bad);
    calibrator.queries(0, 0, new float[] {1, bad, 1, 1}, 0, 2);
    calibrator.values(0, 0, new float[] {bad, bad, 1, 1}, 0, 2);
    Calibrator clean = oneHead(2, -1, -2, 1, 2);
    clean.queries(0, 0, new float[] {1, 1}, 0, 1);
    clean.values(0, 0, new float[] {1, 1}, 0, 1);
    assertThat(calibrator.skippedRows()).isEqualTo(4);
    assertThat(calibrator.finish().heads()).isEqualTo(clean.finish().heads());
    assertThat(calibrator.finish().origin())
        .isEqualTo(new Origin("", "sqrt(std K / rms Q)", 2, 1, 1, 4));
  }

  @Test
  void rowsAreTakenFromTheirPlace() {
    var calibrator = new Calibrator(2, 2, 2);
    calibrator.keys(1, 0, new float[] {9, 1, 2, 3, 4, 9, 9}, 1, 2);
    Calibration found = calibrator.finish();
    assertThat(found.of(1, 0).mean()).containsExactly(2, 3);
    assertThat(found.of(0, 0).isIdentity()).isTrue();
    assertThat(found.of(0, 1).isIdentity()).isTrue();
    assertThat(found.of(1, 1).isIdentity()).isTrue();
  }

  @Test
  void optionsLeaveOutMeanAndChannelScales() {
    Calibrator calibrator = oneHead(2, 1, 10, 3, 20);
    Calibration kept = calibrator.finish(CalibrationOptions.DEFAULT.withoutMean());
    float[] scale = kept.of(0, 0).scale();
    assertThat(kept.of(0, 0).mean()).containsOnly(0);
    assertThat(scale[1] / scale[0]).isCloseTo((float) Math.sqrt(Math.sqrt(250 / 5.0)), NEAR);
    assertThat(kept.origin().scaleRule()).isEqualTo("sqrt(rms K)");
    Calibration even = calibrator.finish(CalibrationOptions.DEFAULT.withoutChannelScales());
    assertThat(even.of(0, 0).mean()).containsExactly(2, 15);
    assertThat(even.of(0, 0).scale()).containsOnly((float) Math.sqrt((1 + 25) / 2.0));
    assertThat(even.origin().scaleRule()).isEqualTo("std K of the head");
  }

  @Test
  void signsComeFromTheSeed() {
    var calibrator = new Calibrator(1, 2, 64);
    float[] keys = gaussian(2, new double[64]);
    calibrator.keys(0, 0, keys, 0, 2);
    calibrator.keys(0, 1, keys, 0, 2);
    Calibration one = calibrator.finish(CalibrationOptions.DEFAULT.withSigns(1));
    assertThat(one.of(0, 0).signs()).contains(1, -1);
    assertThat(one.of(0, 0).signs()).isNotEqualTo(one.of(0, 1).signs());
    assertThat(calibrator.finish(CalibrationOptions.DEFAULT.withSigns(1))).isEqualTo(one);
    assertThat(calibrator.finish(CalibrationOptions.DEFAULT.withSigns(2))).isNotEqualTo(one);
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "0, 3", "2, 2", "0, -1", "6, 0", "0, 2147483647"})
  void rowsBeyondTheArrayAreRefused(int offset, int count) {
    var calibrator = new Calibrator(1, 1, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> calibrator.keys(0, 0, new float[5], offset, count))
        .withMessage(
            "%d rows of 2 floats from %d on are not in an array of 5".formatted(count, offset));
  }

  @Test
  void placesAndShapesAreChecked() {
    var calibrator = new Calibrator(1, 2, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> calibrator.values(1, 0, new float[2], 0, 1))
        .withMessageStartingWith("no layer 1, KV head 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> calibrator.queries(0, 2, new float[2], 0, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> calibrator.merge(new Calibrator(2, 1, 2)))
        .withMessageContaining("1x2x2 and 2x1x2 cannot be merged");
    assertThatIllegalArgumentException().isThrownBy(() -> new Calibrator(0, 1, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Calibrator(1, 0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Calibrator(1, 1, 0));
  }

  private static double square(double value) {
    return value * value;
  }

  private static float square(float value) {
    return value * value;
  }
}
