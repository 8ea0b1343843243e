package org.kvcache.sim.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TimeWeightedTest {

  private final TimeWeighted blocks = new TimeWeighted(10, 4);

  @Test
  void unchangedQuantityIsItsOwnMean() {
    assertThat(blocks.mean(10)).isEqualTo(4);
    assertThat(blocks.mean(25)).isEqualTo(4);
    assertThat(blocks.max()).isEqualTo(4);
  }

  @Test
  void valuesCountForAsLongAsTheyHold() {
    blocks.set(11, 8);
    blocks.set(14, 0);
    assertThat(blocks.mean(14)).isEqualTo((4 + 3 * 8) / 4.0);
    assertThat(blocks.mean(20)).isEqualTo((4 + 3 * 8) / 10.0);
    assertThat(blocks.max()).isEqualTo(8);
  }

  @Test
  void askingChangesNothing() {
    blocks.mean(100);
    blocks.set(12, 0);
    assertThat(blocks.mean(14)).isEqualTo(2);
  }

  @Test
  void peakOfNoLengthCountsForTheMaximumAlone() {
    blocks.set(12, 100);
    blocks.set(12, 0);
    assertThat(blocks.max()).isEqualTo(100);
    assertThat(blocks.mean(14)).isEqualTo(2);
  }

  @Test
  void resetForgetsThePastAndKeepsTheValue() {
    blocks.set(11, 8);
    blocks.set(12, 2);
    blocks.reset(13);
    assertThat(blocks.max()).isEqualTo(2);
    assertThat(blocks.mean(13)).isEqualTo(2);
    blocks.set(14, 6);
    assertThat(blocks.mean(15)).isEqualTo(4);
    assertThat(blocks.max()).isEqualTo(6);
  }

  @Test
  void negativeValuesHaveAMaximumToo() {
    var change = new TimeWeighted(0, -5);
    change.set(1, -3);
    assertThat(change.max()).isEqualTo(-3);
  }

  @Test
  void windowsAddUpToTheWhole() {
    var random = new Random(3);
    var whole = new TimeWeighted(0, 1);
    var windows = new TimeWeighted(0, 1);
    double sum = 0;
    for (int window = 1; window <= 50; window++) {
      double value = random.nextInt(100);
      double time = window - random.nextDouble();
      whole.set(time, value);
      windows.set(time, value);
      sum += windows.mean(window);
      windows.reset(window);
    }
    assertThat(whole.mean(50)).isCloseTo(sum / 50, within(1e-10));
  }

  @Test
  void timeNeverGoesBack() {
    blocks.set(12, 3);
    assertThatThrownBy(() -> blocks.set(11.5, 3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("time 11.5 after 12.0; give times in order");
    assertThatThrownBy(() -> blocks.reset(11)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> blocks.mean(11)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> blocks.set(Double.NaN, 3))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
