package org.kvcache.sim.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PercentilesTest {

  private static Percentiles upTo(int count) {
    return Percentiles.of(
        IntStream.rangeClosed(1, count).mapToDouble(i -> count + 1 - i).toArray());
  }

  @ParameterizedTest
  @CsvSource({
    "5, 0, 1",
    "5, 20, 1",
    "5, 20.01, 2",
    "5, 30, 2",
    "5, 40, 2",
    "5, 50, 3",
    "5, 100, 5",
    "1, 0, 1",
    "1, 50, 1",
    "1, 100, 1",
    "100, 99, 99",
    "100, 99.5, 100",
    "1000, 99.9, 999",
    "3000, 0.1, 3",
    "1000, 0.1, 1",
    "10000, 99.99, 9999"
  })
  void rankIsTheNearestNotBelow(int count, double percent, double value) {
    assertThat(upTo(count).at(percent)).isEqualTo(value);
  }

  @Test
  void percentsWithOneDecimalAreExactAtEveryCount() {
    for (int thousands = 1; thousands <= 50; thousands++) {
      Percentiles percentiles = upTo(1000 * thousands);
      for (int tenths = 1; tenths <= 1000; tenths += 37) {
        assertThat(percentiles.at(tenths / 10.0)).isEqualTo(thousands * tenths);
      }
    }
  }

  @Test
  void meanMaxAndCountAreThoseOfTheValues() {
    Percentiles percentiles = Percentiles.of(new double[] {0.3, 0.1, 0.1, 0.9});
    assertThat(percentiles.mean()).isCloseTo(0.35, within(1e-15));
    assertThat(percentiles.max()).isEqualTo(0.9);
    assertThat(percentiles.count()).isEqualTo(4);
  }

  @Test
  void noValuesGiveNaN() {
    Percentiles none = Percentiles.of(new double[0]);
    assertThat(none.at(50)).isNaN();
    assertThat(none.mean()).isNaN();
    assertThat(none.max()).isNaN();
    assertThat(none.count()).isZero();
  }

  @Test
  void laterChangesOfTheArrayDoNotShow() {
    double[] values = {2, 1};
    Percentiles percentiles = Percentiles.of(values);
    assertThat(values).containsExactly(2, 1);
    values[0] = 7;
    assertThat(percentiles.max()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 100.1, Double.NaN})
  void percentOutOfRangeIsRefused(double percent) {
    assertThatThrownBy(() -> upTo(3).at(percent)).hasMessage(percent + " %; give 0 to 100");
    assertThatThrownBy(() -> Percentiles.of(new double[0]).at(percent))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void missingValueIsRefused() {
    assertThatThrownBy(() -> Percentiles.of(new double[] {1, Double.NaN}))
        .hasMessage("value 1 is NaN; leave out what has no value");
  }
}
