package org.kvcache.sim.report.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.metrics.Interval;

final class ServingTableTest {

  @Test
  void figuresOfTwoConfigurationsStandSideBySide() {
    assertThat(ServingTable.lines(ServingSamples.made())).containsExactly("");
  }

  @Test
  void oneRunHasNeitherIntervalsNorRatios() {
    var only = new ConfigResults("lru", List.of(ServingSamples.run(42, 0.01, true, 0)));
    assertThat(ServingTable.lines(ServingSamples.of(only)))
        .contains("warm-up: none found; all requests count")
        .anyMatch(line -> line.matches("seed 42 +lru"))
        .anyMatch(line -> line.matches("  TTFT p50 +500 ms"))
        .noneMatch(line -> line.contains("+-"))
        .noneMatch(line -> line.contains("ratio"));
  }

  @Test
  void longNamesAreNumbered() {
    String label = "arc, mxfp4, 64 GiB on the host, swapping";
    var first = new ConfigResults("lru", List.of(ServingSamples.run(1, 0.01, true, 0)));
    var second = new ConfigResults(label, List.of(ServingSamples.run(1, 0.02, true, 0)));
    assertThat(ServingTable.lines(ServingSamples.of(first, second)))
        .contains("#2 is " + label)
        .anyMatch(line -> line.matches("seed 1 +#1 +#2"))
        .anyMatch(line -> line.matches("  TTFT p50 +2\\.000"));
  }

  @Test
  void threeConfigurationsFitATerminal() {
    var lru =
        new ConfigResults("least-recently-use", ServingSamples.made().configs().get(0).runs());
    var arc = new ConfigResults("adaptive", ServingSamples.made().configs().get(1).runs());
    var fifo =
        new ConfigResults(
            "first-in-first-out", ServingSamples.simulated(1, 2).configs().get(0).runs());
    assertThat(ServingTable.lines(ServingSamples.of(lru, arc, fifo)))
        .allMatch(line -> line.length() <= 100);
  }

  @Test
  void nothingServedIsDashes() {
    var none = new ConfigResults("lru", List.of(ServingSamples.refused(1)));
    assertThat(ServingTable.lines(ServingSamples.of(none)))
        .anyMatch(line -> line.matches("  TTFT p50 +-"))
        .anyMatch(line -> line.matches("  J/token, estimate +-"))
        .anyMatch(line -> line.matches("  refused +1,000"))
        .last()
        .asString()
        .startsWith("not settled");
  }

  @Test
  void warmUpsThatDifferAreToldApart() {
    var lru = List.of(ServingSamples.run(1, 0.01, true, 3), ServingSamples.run(2, 0.01, true, 5));
    var arc = List.of(ServingSamples.run(1, 0.01, true, 3), ServingSamples.run(2, 0.01, false, 0));
    assertThat(
            WarmUpText.lines(
                ServingSamples.of(new ConfigResults("lru", lru), new ConfigResults("arc", arc))))
        .containsExactly(
            "lru: warm-up: the first 3 to 5 of 40 windows (75 to 125 requests) are left out",
            "arc: warm-up: the first 3 of 40 windows (75 requests) are left out; "
                + "not settled with 1 of 2 seeds, all their requests count");
  }

  @ParameterizedTest
  @CsvSource({
    "SECONDS, 1.2345, 1.23 s",
    "SECONDS, 0.0512, 51.2 ms",
    "SECONDS, 0.00001, 10 us",
    "SECONDS, 0, 0 s",
    "SHARE, 0.4567, 45.7 %",
    "SHARE, 1, 100 %",
    "COUNT, 12345, '12,345'",
    "BYTES, 1610612736, 1.50 GiB",
    "JOULES_PER_TOKEN, 0.0123456, 0.0123",
    "SECONDS, NaN, -"
  })
  void valuesHaveThreeDigitsAndAUnit(ServingFigure.Unit unit, double value, String text) {
    Interval one = new Interval(Double.NaN, value, Double.NaN, 1);
    assertThat(FigureText.of(unit, one)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "SECONDS, 0.1234, 0.0055, 123 +- 6 ms",
    "COUNT, 12, 1.25, 12.0 +- 1.3",
    "COUNT, 12, 0, 12 +- 0",
    "BYTES, 1073741824, 1048576, 1 GiB +- 1 MiB"
  })
  void intervalsHaveTheDigitsOfTheirMean(
      ServingFigure.Unit unit, double mean, double half, String text) {
    Interval interval = new Interval(mean - half, mean, mean + half, 3);
    assertThat(FigureText.of(unit, interval)).isEqualTo(text);
  }
}
