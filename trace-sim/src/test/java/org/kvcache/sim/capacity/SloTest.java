package org.kvcache.sim.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SloTest {

  @Test
  void limitsAreReadInOrder() {
    assertThat(Slo.parse("ttft.p99=2s,itl.p90=50ms,e2e.mean=1min").objectives())
        .containsExactly(
            new Objective(Metric.TTFT, new Statistic.Percentile(99), 2),
            new Objective(Metric.ITL, new Statistic.Percentile(90), 0.05),
            new Objective(Metric.E2E, Statistic.Plain.MEAN, 60));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ttft.p99=2s",
        "ttft.p99=2s,itl.p90=50ms",
        "itl.max=1.25ms",
        "e2e.p99.9=250us,e2e.mean=0.5us",
        "ttft.p0.1=90s"
      })
  void textComesBack(String text) {
    assertThat(Slo.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({
    "TTFT.P99 = 2 S, ttft.p99=2s",
    "' itl . MAX=2e-2s ', itl.max=20ms",
    "ttft.p50=1500ms, ttft.p50=1.5s",
    "ttft.p099.90=1s, ttft.p99.9=1s",
    "e2e.mean=2min, e2e.mean=120s"
  })
  void spacesCaseAndUnitsDoNotMatter(String written, String meant) {
    assertThat(Slo.parse(written)).isEqualTo(Slo.parse(meant)).hasToString(meant);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | SLO: no limit is given; write for example ttft.p99=2s,itl.p90=50ms",
        "ttft.p99=2s, | SLO: '' is not a limit; write metric.statistic=time, for example",
        "ttft=2s | SLO: 'ttft=2s' is not a limit; write metric.statistic=time, for example",
        "ttft.p99 | SLO: 'ttft.p99' is not a limit; write metric.statistic=time, for example",
        "ttft.p99= | SLO: 'ttft.p99=' is not a limit; write metric.statistic=time, for example",
        "ttft.p99<2s | SLO: 'ttft.p99<2s' is not a limit; write metric.statistic=time",
        "tpot.p99=2s | SLO: unknown metric 'tpot'; known: ttft, itl, e2e",
        "ttft.avg=2s | SLO: unknown statistic 'avg'; known: mean, max, percentiles",
        "ttft.p100=2s | SLO: unknown statistic 'p100'; known: mean, max, percentiles",
        "ttft.p0=2s | SLO: unknown statistic 'p0'; known: mean, max, percentiles",
        "ttft.p-5=2s | SLO: unknown statistic 'p-5'; known: mean, max, percentiles",
        "ttft.p=2s | SLO: unknown statistic 'p'; known: mean, max, percentiles",
        "ttft.p1e-400=2s | SLO: unknown statistic 'p1e-400'; known: mean, max, percentiles",
        "ttft.p99=2 | SLO: the limit of 'ttft.p99=2' has no unit; write one of us, ms, min, s",
        "ttft.p99=2h | SLO: the limit of 'ttft.p99=2h' is not a time; write a number and one of us",
        "ttft.p99=ms | SLO: the limit of 'ttft.p99=ms' is not a time; write a number and one of us",
        "ttft.p99=NaNs | SLO: the limit of 'ttft.p99=NaNs' is not a time; write a number",
        "ttft.p99=0s | SLO: the limit of 'ttft.p99=0s' is out of range; write a time above 0",
        "ttft.p99=-1ms | SLO: the limit of 'ttft.p99=-1ms' is out of range; write a time above 0",
        "ttft.p99=1e999s | SLO: the limit of 'ttft.p99=1e999s' is out of range; write a time",
        "ttft.p99=2s,ttft.p99.0=3s | SLO: ttft.p99 has two limits, ttft.p99=2s and ttft.p99=3s",
      })
  void badTextIsRefusedInOneSentence(String text, String start) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Slo.parse(text))
        .satisfies(e -> assertThat(e.getMessage()).startsWith(start).doesNotContain("\n"));
  }

  @Test
  void strainIsTheGreatestShareOfALimit() {
    Slo slo = Slo.parse("ttft.p99=2s,itl.p90=50ms");
    Verdict verdict = slo.judge(Runs.steady(1, (m, s) -> m == Metric.TTFT ? 1 : 0.04), 0);
    assertThat(verdict.strain()).isCloseTo(0.8, within(1e-12));
    assertThat(verdict.holds()).isTrue();
    assertThat(verdict.worst()).hasToString("itl.p90 is 40ms, its limit 50ms");
  }

  @Test
  void aLimitThatIsMetExactlyHolds() {
    assertThat(Slo.parse("ttft.max=2s").judge(Runs.steady(1, (m, s) -> 2), 0).holds()).isTrue();
    assertThat(Slo.parse("ttft.max=2s").judge(Runs.steady(1, (m, s) -> 2.001), 0).holds())
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY})
  void whatNeverCameDoesNotHold(double seconds) {
    Verdict verdict = Slo.parse("ttft.max=2s").judge(Runs.steady(1, (m, s) -> seconds), 0);
    assertThat(verdict.strain()).isInfinite();
    assertThat(verdict.holds()).isFalse();
    assertThat(verdict.worst()).hasToString("ttft.max is endless, its limit 2s");
  }

  @Test
  void eachObjectiveAsksForItsOwnStatistic() {
    Latencies latencies =
        (metric, statistic) ->
            switch (statistic) {
              case Statistic.Percentile(double percent) -> percent;
              case Statistic.Plain.MEAN -> 1;
              case Statistic.Plain.MAX -> 200;
            };
    Verdict verdict =
        Slo.parse("ttft.p99.9=1s,ttft.mean=1s,ttft.max=1s").judge(Runs.steady(1, latencies), 0);
    assertThat(verdict.overall()).extracting(Observation::seconds).containsExactly(99.9, 1., 200.);
  }
}
