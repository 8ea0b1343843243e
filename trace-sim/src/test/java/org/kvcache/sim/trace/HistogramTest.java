package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HistogramTest {
  @Test
  void bucketsDoubleAndMeetWithoutGaps() {
    for (int bucket = 0; bucket < 62; bucket++) {
      assertThat(Histogram.highest(bucket) + 1).isEqualTo(Histogram.lowest(bucket + 1));
    }
  }

  @Test
  void countsValuesInTheirBuckets() {
    var counter = new Histogram.Counter();
    for (long value : new long[] {0, 1, 2, 3, 4, 7, 8, 8}) {
      counter.add(value);
    }
    Histogram histogram = counter.histogram("blocks");
    assertThat(histogram.counts()).isEqualTo(List.of(1L, 1L, 2L, 2L, 2L));
    assertThat(histogram.total()).isEqualTo(8);
    assertThat(histogram.quantile(0.5)).isEqualTo(3);
    assertThat(histogram.quantile(1)).isEqualTo(15);
  }

  @Test
  void anEmptyHistogramHasNoBuckets() {
    Histogram histogram = new Histogram.Counter().histogram("ms");
    assertThat(histogram.counts()).isEmpty();
    assertThat(histogram.quantile(0.5)).isZero();
  }
}
