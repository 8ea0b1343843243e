package org.kvcache.sim.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IntervalTest {

  private static final int DRAWS = 4000;

  @ParameterizedTest
  @CsvSource({
    "0.95, 1, 12.706",
    "0.95, 2, 4.303",
    "0.95, 4, 2.776",
    "0.95, 9, 2.262",
    "0.95, 30, 2.042",
    "0.90, 4, 2.132",
    "0.99, 4, 4.604",
    "0.99, 9, 3.250",
    "0.999, 9, 4.781"
  })
  void halfWidthIsTheTabulatedQuantile(double confidence, int freedom, double quantile) {
    int count = freedom + 1;
    double[] values = IntStream.range(0, count).mapToDouble(i -> i % 3).toArray();
    double mean = Arrays.stream(values).sum() / count;
    double squares = Arrays.stream(values).map(value -> Math.pow(value - mean, 2)).sum();
    double error = Math.sqrt(squares / freedom / count);
    Interval interval = Interval.of(values, confidence);
    assertThat(interval.mean()).isCloseTo(mean, within(1e-12));
    assertThat(interval.count()).isEqualTo(count);
    assertThat(interval.halfWidth() / error).isCloseTo(quantile, within(6e-4));
    assertThat(interval.mean() - interval.low())
        .isCloseTo(interval.high() - interval.mean(), within(1e-12));
  }

  @Test
  void equalValuesHaveNoWidth() {
    Interval interval = Interval.of(new double[] {0.1, 0.1, 0.1}, 0.95);
    assertThat(interval).isEqualTo(new Interval(0.1, 0.1, 0.1, 3));
    assertThat(interval.halfWidth()).isZero();
  }

  @Test
  void oneRunHasAMeanAndNoInterval() {
    assertThat(Interval.of(new double[] {4}, 0.95))
        .isEqualTo(new Interval(Double.NaN, 4, Double.NaN, 1));
    assertThat(Interval.of(new double[] {4}, 0.95).halfWidth()).isNaN();
    assertThat(Interval.ofRatios(new double[] {4}, new double[] {2}, 0.95).low()).isNaN();
  }

  @Test
  void noRunGivesNaN() {
    assertThat(Interval.of(new double[0], 0.95))
        .isEqualTo(new Interval(Double.NaN, Double.NaN, Double.NaN, 0));
  }

  @ParameterizedTest
  @CsvSource({"2, 0.95", "5, 0.95", "20, 0.95"})
  void holdsTheTrueMeanAsOftenAsItSays(int runs, double confidence) {
    var random = new Random(11);
    int held = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      Interval interval =
          Interval.of(random.doubles(runs).map(x -> 3 + random.nextGaussian()).toArray(), 0.95);
      held += interval.low() <= 3 && 3 <= interval.high() ? 1 : 0;
    }
    assertThat((double) held / DRAWS).isBetween(confidence - 0.02, confidence + 0.02);
  }

  @Test
  void holdsTheTrueRatioAsOftenAsItSays() {
    var random = new Random(12);
    int held = 0;
    for (int draw = 0; draw < DRAWS; draw++) {
      double[] base = random.doubles(5, 1, 9).toArray();
      double[] values =
          Arrays.stream(base).map(x -> x * 1.5 * Math.exp(random.nextGaussian() / 5)).toArray();
      Interval interval = Interval.ofRatios(values, base, 0.95);
      held += interval.low() <= 1.5 && 1.5 <= interval.high() ? 1 : 0;
    }
    assertThat((double) held / DRAWS).isBetween(0.93, 0.97);
  }

  @Test
  void whatASeedDoesToBothSidesCancelsOut() {
    double[] base = {1, 50, 900};
    Interval interval = Interval.ofRatios(new double[] {2, 100, 1800}, base, 0.95);
    assertThat(interval.mean()).isCloseTo(2, within(1e-12));
    assertThat(interval.low()).isCloseTo(2, within(1e-12));
    assertThat(interval.high()).isCloseTo(2, within(1e-12));
  }

  @Test
  void ratioIsTheGeometricMean() {
    Interval interval = Interval.ofRatios(new double[] {2, 8}, new double[] {1, 1}, 0.95);
    assertThat(interval.mean()).isCloseTo(4, within(1e-12));
    assertThat(interval.count()).isEqualTo(2);
    double half = 12.7062047 * Math.log(2);
    assertThat(Math.log(interval.high() / 4)).isCloseTo(half, within(1e-5));
    assertThat(Math.log(interval.low() / 4)).isCloseTo(-half, within(1e-5));
  }

  @Test
  void swappedSidesGiveOneOver() {
    double[] values = {1, 4, 2.5};
    double[] base = {2, 3, 5};
    Interval there = Interval.ofRatios(values, base, 0.9);
    Interval back = Interval.ofRatios(base, values, 0.9);
    assertThat(there.mean() * back.mean()).isCloseTo(1, within(1e-12));
    assertThat(there.low() * back.high()).isCloseTo(1, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, 95, -0.5, Double.NaN})
  void confidenceOutOfRangeIsRefused(double confidence) {
    assertThatThrownBy(() -> Interval.of(new double[] {1, 2}, confidence))
        .hasMessage("confidence of " + confidence + "; give a share between 0 and 1, such as 0.95");
  }

  @Test
  void runsWithoutANumberAreRefused() {
    assertThatThrownBy(() -> Interval.of(new double[] {1, Double.NaN}, 0.95))
        .hasMessage("run 1 has NaN; leave out runs without a number");
    assertThatThrownBy(() -> Interval.ofRatios(new double[] {0}, new double[] {1}, 0.95))
        .hasMessage("run 0 has 0.0 against 1.0; ratios need finite numbers above 0");
    assertThatThrownBy(() -> Interval.ofRatios(new double[] {-1}, new double[] {-1}, 0.95))
        .hasMessage("run 0 has -1.0 against -1.0; ratios need finite numbers above 0");
    assertThatThrownBy(() -> Interval.ofRatios(new double[] {1, 2}, new double[] {1}, 0.95))
        .hasMessage("2 runs against 1; give one of each for every seed");
  }
}
