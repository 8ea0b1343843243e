package org.kvcache.sim.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class PercentilesProperties {

  @Property(tries = 1000, seed = "1")
  void isTheSmallestValueThatCoversThePercent(
      @ForAll @Size(min = 1, max = 60) @DoubleRange(min = 0, max = 9) double[] values,
      @ForAll @IntRange(min = 1, max = 100) int percent) {
    double at = Percentiles.of(values).at(percent);
    long below = Arrays.stream(values).filter(value -> value < at).count();
    long notAbove = Arrays.stream(values).filter(value -> value <= at).count();
    assertThat(notAbove).isGreaterThan(below);
    assertThat(100 * notAbove).isGreaterThanOrEqualTo((long) percent * values.length);
    assertThat(100 * below).isLessThan((long) percent * values.length);
  }
}
