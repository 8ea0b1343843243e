package org.kvcache.sim.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyHistogramTest {

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final LatencyHistogram histogram = new LatencyHistogram();

  private static long allocated(Runnable action) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    action.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  @ParameterizedTest
  @ValueSource(doubles = {1e-6, 1.0005e-6, 1e-3, 0.0123456, 1, 59.99, 3600, 123456, 1e9})
  void oneLatencyComesBack(double seconds) {
    histogram.record(seconds, 3);
    assertThat(histogram.seconds(50)).isCloseTo(seconds, withinPercentage(0.1));
    assertThat(histogram.mean()).isCloseTo(seconds, withinPercentage(0.1));
    assertThat(histogram.max()).isCloseTo(seconds, withinPercentage(0.1));
    assertThat(histogram.count()).isEqualTo(3);
  }

  @Test
  void shortTimesAreWholeNanoseconds() {
    histogram.record(0, 1);
    histogram.record(4e-10, 1);
    histogram.record(2.6e-9, 1);
    assertThat(histogram.seconds(60)).isZero();
    assertThat(histogram.seconds(100)).isEqualTo(3e-9);
  }

  @Test
  void latenciesCountAsOftenAsSaid() {
    histogram.record(1, 98);
    histogram.record(1e-3, 1);
    histogram.record(100, 1);
    histogram.record(1e6, 0);
    assertThat(histogram.count()).isEqualTo(100);
    assertThat(histogram.seconds(0)).isCloseTo(1e-3, withinPercentage(0.1));
    assertThat(histogram.seconds(1.1)).isCloseTo(1, withinPercentage(0.1));
    assertThat(histogram.seconds(99)).isCloseTo(1, withinPercentage(0.1));
    assertThat(histogram.seconds(99.1)).isCloseTo(100, withinPercentage(0.1));
    assertThat(histogram.mean()).isCloseTo(1.98001, withinPercentage(0.1));
    assertThat(histogram.max()).isCloseTo(100, withinPercentage(0.1));
  }

  @Test
  void emptyGivesNaN() {
    assertThat(histogram.seconds(50)).isNaN();
    assertThat(histogram.mean()).isNaN();
    assertThat(histogram.max()).isNaN();
    assertThat(histogram.count()).isZero();
  }

  @Test
  void addingNothingChangesNothing() {
    histogram.add(new LatencyHistogram());
    assertThat(histogram.max()).isNaN();
    histogram.record(2, 1);
    histogram.add(new LatencyHistogram());
    assertThat(histogram.count()).isEqualTo(1);
  }

  @Test
  void recordingWhatOccurredBeforeAllocatesNothing() {
    Runnable round =
        () -> {
          for (int i = 1; i <= 1000; i++) {
            histogram.record(i * 1e-3, i);
          }
        };
    round.run();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      least = Math.min(least, allocated(round));
    }
    assertThat(least).isZero();
  }

  @Test
  void fewLatenciesTakeLittleMemory() {
    int histograms = 100;
    LatencyHistogram[] kept = new LatencyHistogram[histograms];
    Runnable fill =
        () -> {
          for (int i = 0; i < histograms; i++) {
            kept[i] = new LatencyHistogram();
            kept[i].record(1e-3, 1);
            kept[i].record(3600, 1);
          }
        };
    fill.run();
    assertThat(allocated(fill) / histograms).isLessThan(512 << 10);
    assertThat(kept[7].count()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1e-9, 1.1e9, Double.NaN, Double.POSITIVE_INFINITY})
  void latencyOutOfRangeIsRefused(double seconds) {
    assertThatThrownBy(() -> histogram.record(seconds, 1))
        .hasMessage("latency of " + seconds + " s; give 0 to 1e9");
    assertThat(histogram.count()).isZero();
  }

  @Test
  void badCountAndPercentAreRefused() {
    assertThatThrownBy(() -> histogram.record(1, -1))
        .hasMessage("latency counted -1 times; give 0 or more");
    assertThatThrownBy(() -> histogram.seconds(101)).hasMessage("101.0 %; give 0 to 100");
  }
}
