package org.kvcache.sim.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class WarmUpProperties {

  private record Batch(int end, double mean) {}

  private static double[] series(long seed, int length, double missing, double slope) {
    var random = new Random(seed);
    double[] series = new double[length];
    int knee = random.nextInt(length + 1);
    for (int i = 0; i < length; i++) {
      double value = slope * Math.max(0, knee - i) + random.nextGaussian();
      series[i] = random.nextDouble() < missing ? Double.NaN : value;
    }
    return series;
  }

  private static OptionalInt byDefinition(double[] series) {
    if (Arrays.stream(series).filter(value -> !Double.isNaN(value)).count() < 20) {
      return OptionalInt.of(0);
    }
    List<Batch> batches = new ArrayList<>();
    for (int end = 5; end <= series.length; end += 5) {
      int last = end;
      Arrays.stream(series, end - 5, end)
          .filter(value -> !Double.isNaN(value))
          .average()
          .ifPresent(mean -> batches.add(new Batch(last, mean)));
    }
    int all = batches.size();
    int best = 0;
    for (int cut = 0; all - cut >= Math.min(5, all / 2); cut++) {
      if (error(batches.subList(cut, all)) < error(batches.subList(best, all))) {
        best = cut;
      }
    }
    if (all - best <= best) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(best == 0 ? 0 : batches.get(best - 1).end());
  }

  private static double error(List<Batch> rest) {
    double mean = rest.stream().mapToDouble(Batch::mean).average().orElseThrow();
    double squares = rest.stream().mapToDouble(batch -> Math.pow(batch.mean() - mean, 2)).sum();
    return squares / rest.size() / rest.size();
  }

  @Property(tries = 2000, seed = "1")
  void agreesWithItsDefinition(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 400) int length,
      @ForAll @DoubleRange(min = 0, max = 0.9) double missing,
      @ForAll @DoubleRange(min = -1, max = 1) double slope) {
    double[] series = series(seed, length, missing, slope);
    assertThat(WarmUp.end(series)).isEqualTo(byDefinition(series));
  }

  @Property(tries = 500, seed = "2")
  void endIsAMultipleOfFiveThatLeavesValues(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 400) int length,
      @ForAll @DoubleRange(min = -1, max = 1) double slope) {
    OptionalInt end = WarmUp.end(series(seed, length, 0, slope));
    assertThat(end.orElse(0) % 5).isZero();
    assertThat(end.orElse(0)).isLessThanOrEqualTo(length / 2);
  }

  @Property(tries = 500, seed = "3")
  void unitAndZeroPointDoNotMatter(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 400) int length,
      @ForAll @DoubleRange(min = -1, max = 1) double slope) {
    double[] series = series(seed, length, 0.1, slope);
    double[] inMilliseconds = Arrays.stream(series).map(value -> 1e3 * value + 500).toArray();
    assertThat(WarmUp.end(inMilliseconds)).isEqualTo(WarmUp.end(series));
  }
}
