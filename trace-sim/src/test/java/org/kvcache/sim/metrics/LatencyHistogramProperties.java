package org.kvcache.sim.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.data.Offset;

class LatencyHistogramProperties {

  private static double[] latencies(long seed, int count) {
    var random = new Random(seed);
    double shortest = Math.pow(10, random.nextDouble(-6, 4));
    double decades = random.nextDouble(0, 4);
    return IntStream.range(0, count)
        .mapToDouble(i -> shortest * Math.pow(10, decades * random.nextDouble()))
        .toArray();
  }

  private static Offset<Double> thousandth(double of) {
    return within(of * 1e-3 + 1e-9);
  }

  @Property(tries = 500, seed = "1")
  void percentilesAreThoseOfTheValuesToAThousandth(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 2000) int count,
      @ForAll @DoubleRange(min = 0, max = 100) double percent) {
    double[] latencies = latencies(seed, count);
    var histogram = new LatencyHistogram();
    Arrays.stream(latencies).forEach(seconds -> histogram.record(seconds, 1));
    Percentiles exact = Percentiles.of(latencies);
    for (double at : new double[] {percent, 0, 50, 90, 99, 100}) {
      assertThat(histogram.seconds(at)).isCloseTo(exact.at(at), thousandth(exact.at(at)));
    }
    assertThat(histogram.mean()).isCloseTo(exact.mean(), thousandth(exact.mean()));
    assertThat(histogram.max()).isCloseTo(exact.max(), thousandth(exact.max()));
    assertThat(histogram.count()).isEqualTo(count);
  }

  @Property(tries = 200, seed = "2")
  void addingIsRecordingAll(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 300) int first,
      @ForAll @IntRange(min = 1, max = 300) int second) {
    var whole = new LatencyHistogram();
    var left = new LatencyHistogram();
    var right = new LatencyHistogram();
    for (double seconds : latencies(seed, first)) {
      left.record(seconds, 2);
      whole.record(seconds, 2);
    }
    for (double seconds : latencies(seed + 1, second)) {
      right.record(seconds, 3);
      whole.record(seconds, 3);
    }
    left.add(right);
    assertThat(left.count()).isEqualTo(2L * first + 3L * second);
    assertThat(left.mean()).isEqualTo(whole.mean());
    for (double percent = 0; percent <= 100; percent += 12.5) {
      assertThat(left.seconds(percent)).isEqualTo(whole.seconds(percent));
    }
  }
}
