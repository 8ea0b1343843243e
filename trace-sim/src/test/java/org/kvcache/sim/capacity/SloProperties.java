package org.kvcache.sim.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.List;
import java.util.stream.DoubleStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SloProperties {

  @Provide
  Arbitrary<Slo> slos() {
    Arbitrary<Statistic> statistics =
        Arbitraries.oneOf(
            Arbitraries.of(Statistic.Plain.class),
            Arbitraries.doubles().between(0.01, 99.99).map(Statistic.Percentile::new));
    return Combinators.combine(
            Arbitraries.of(Metric.class),
            statistics,
            Arbitraries.doubles().between(1e-9, 1e9).ofScale(9))
        .as(Objective::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(5)
        .uniqueElements(Objective::name)
        .map(Slo::new);
  }

  @Property(tries = 1000, seed = "1")
  void textGivesTheSameBack(@ForAll("slos") Slo slo) {
    assertThat(Slo.parse(slo.toString())).isEqualTo(slo);
  }

  @Property(tries = 500, seed = "2")
  void moreSpikesForgiveMore(
      @ForAll @Size(min = 1, max = 9) List<@DoubleRange(min = 0, max = 3) Double> windows,
      @ForAll @IntRange(min = 0, max = 5) int spikes) {
    Slo slo = Slo.parse("ttft.mean=1s");
    WindowedLatencies run = Runs.of(doubles(windows).toArray());
    Verdict fewer = slo.judge(run, spikes);
    Verdict more = slo.judge(run, spikes + 1);
    assertThat(more.strain()).isLessThanOrEqualTo(fewer.strain());
    assertThat(more.leftOut()).hasSizeLessThanOrEqualTo(Math.max(0, (windows.size() - 1) / 2));
    assertThat(slo.judge(run, spikes)).isEqualTo(fewer);
  }

  @Property(tries = 500, seed = "3")
  void ofAMeanTheWorstWindowsAreLeftOut(
      @ForAll @Size(min = 3, max = 9) List<@DoubleRange(min = 1.1, max = 9) Double> windows) {
    Verdict verdict = Slo.parse("ttft.mean=1s").judge(Runs.of(doubles(windows).toArray()), 1);
    assertThat(verdict.leftOut())
        .containsExactly(windows.indexOf(doubles(windows).max().orElseThrow()));
  }

  @Property(tries = 1000, seed = "4")
  void anyTextIsReadOrRefused(@ForAll("texts") String text) {
    assertThatNoException()
        .isThrownBy(() -> {
          try {
            Slo.parse(text);
          } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageStartingWith("SLO: ");
          }
        });
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.oneOf(
        Arbitraries.strings(),
        Arbitraries.of("ttft", ".", "p99", "p", "=", ",", "2", "ms", "s", "-", "e9", "e999999999")
            .list()
            .ofMaxSize(8)
            .map(parts -> String.join("", parts)));
  }

  private static DoubleStream doubles(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue);
  }
}
