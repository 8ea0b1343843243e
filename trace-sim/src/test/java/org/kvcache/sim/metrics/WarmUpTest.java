package org.kvcache.sim.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WarmUpTest {

  private static final int SEEDS = 200;
  private static final OptionalInt NOTHING_CUT = OptionalInt.of(0);

  private static double[] series(int length, IntToDoubleFunction value) {
    return IntStream.range(0, length).mapToDouble(value).toArray();
  }

  private static double[] noise(long seed, int length) {
    return new Random(seed).doubles(length, -1, 1).toArray();
  }

  private static double[] exponential(long seed, int length) {
    var random = new Random(seed);
    return series(length, i -> -Math.log1p(-random.nextDouble()));
  }

  private static double[] waits(long seed, int length, double load) {
    double[] gaps = exponential(seed, length);
    double[] waits = new double[length];
    for (int i = 1; i < length; i++) {
      waits[i] = Math.max(0, waits[i - 1] + load - gaps[i]);
    }
    return waits;
  }

  @Test
  void constantKeepsAll() {
    assertThat(WarmUp.end(series(1000, i -> 0.1))).isEqualTo(NOTHING_CUT);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1000})
  void noiseKeepsNearlyAllInMostSeeds(int length) {
    long cutLittle =
        IntStream.range(0, SEEDS)
            .filter(seed -> WarmUp.end(noise(seed, length)).orElse(length) <= length / 5)
            .count();
    assertThat(cutLittle).isGreaterThan(SEEDS * 3 / 4);
  }

  @Test
  void noiseHasSteadyStateInNearlyAllSeeds() {
    long settled =
        IntStream.range(0, SEEDS).filter(seed -> WarmUp.end(noise(seed, 1000)).isPresent()).count();
    assertThat(settled).isGreaterThan(SEEDS * 95 / 100);
  }

  @ParameterizedTest
  @ValueSource(doubles = {10, 30})
  void decayIsCutWhereNoiseHidesIt(double time) {
    for (int seed = 0; seed < SEEDS; seed++) {
      double[] noise = noise(seed, 1000);
      double[] decay = series(1000, i -> 20 * Math.exp(-i / time) + noise[i]);
      int end = WarmUp.end(decay).orElseThrow();
      assertThat(end).as("seed %d", seed).isBetween((int) time, 500);
      assertThat(20 * Math.exp(-end / time)).as("seed %d", seed).isLessThan(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 47, 50, 100, 1000})
  void growthHasNoSteadyState(int length) {
    assertThat(WarmUp.end(series(length, i -> i))).isEmpty();
  }

  @Test
  void waitsOfAnOverloadedQueueHaveNoSteadyState() {
    for (int seed = 0; seed < SEEDS; seed++) {
      assertThat(WarmUp.end(waits(seed, 2000, 1.3))).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void waitsOfALightlyLoadedQueueMostlyHaveSteadyState() {
    long settled =
        IntStream.range(0, SEEDS)
            .filter(seed -> WarmUp.end(waits(seed, 5000, 0.5)).isPresent())
            .count();
    assertThat(settled).isGreaterThan(SEEDS * 9 / 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 100, 495})
  void stepIsCutExactly(int step) {
    assertThat(WarmUp.end(series(1000, i -> i < step ? 3 : 0.7))).hasValue(step);
  }

  @Test
  void batchOfTheStepGoesToo() {
    assertThat(WarmUp.end(series(1000, i -> i < 101 ? 3 : 0.7))).hasValue(105);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 505, 800, 960})
  void stepInTheLastHalfIsNoSteadyState(int step) {
    assertThat(WarmUp.end(series(1000, i -> i < step ? 3 : 0.7))).isEmpty();
  }

  @Test
  void lastFiveBatchesAreTooFewToBeASteadyState() {
    assertThat(WarmUp.end(series(1000, i -> i < 980 ? i % 10 : 0))).isNotEmpty();
  }

  @Test
  void shortSeriesKeepsAll() {
    assertThat(WarmUp.end(series(19, i -> i))).isEqualTo(NOTHING_CUT);
    assertThat(WarmUp.end(new double[0])).isEqualTo(NOTHING_CUT);
    assertThat(WarmUp.end(series(1000, i -> i < 19 ? i : Double.NaN))).isEqualTo(NOTHING_CUT);
  }

  @Test
  void valuesAfterTheLastWholeBatchAreNotLookedAt() {
    assertThat(WarmUp.end(series(104, i -> i < 100 ? 1 : 1e6))).isEqualTo(NOTHING_CUT);
  }

  @Test
  void missingValuesLeaveTheMeanOfTheirBatch() {
    double[] gaps = series(1000, i -> i % 3 == 0 ? Double.NaN : i < 100 ? 3 : 0.7);
    assertThat(WarmUp.end(gaps)).hasValue(100);
  }

  @Test
  void batchesWithoutValuesArePassedOver() {
    double[] late = series(1000, i -> i < 400 ? Double.NaN : 0.7);
    assertThat(WarmUp.end(late)).isEqualTo(NOTHING_CUT);
    double[] stepped = series(1000, i -> i < 100 ? 3 : i < 400 ? Double.NaN : 0.7);
    assertThat(WarmUp.end(stepped)).hasValue(100);
    double[] ends = series(1000, i -> i < 100 ? i : Double.NaN);
    assertThat(WarmUp.end(ends)).isEmpty();
  }

  @Test
  void latestOfSeveralSeriesCounts() {
    double[] early = series(1000, i -> i < 50 ? 3 : 0.7);
    double[] late = series(1000, i -> i < 200 ? 3 : 0.7);
    double[] growing = series(1000, i -> i);
    assertThat(WarmUp.end(early, late)).hasValue(200);
    assertThat(WarmUp.end(late, early)).hasValue(200);
    assertThat(WarmUp.end(early, growing, late)).isEmpty();
    assertThat(WarmUp.end()).isEqualTo(NOTHING_CUT);
  }

  @Test
  void inputIsLeftAlone() {
    double[] input = noise(1, 100);
    double[] before = input.clone();
    WarmUp.end(input);
    assertThat(Arrays.equals(input, before)).isTrue();
  }

  @Test
  void badInputIsNamed() {
    assertThatThrownBy(() -> WarmUp.end(new double[30], new double[40]))
        .hasMessage("series of 30 and of 40 values; give all the same times");
    double[] infinite = new double[30];
    infinite[7] = Double.POSITIVE_INFINITY;
    assertThatThrownBy(() -> WarmUp.end(infinite))
        .hasMessage("value 7 is Infinity; give a finite number, or NaN for none");
  }
}
