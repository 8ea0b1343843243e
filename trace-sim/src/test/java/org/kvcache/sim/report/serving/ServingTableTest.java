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
    assertThat(ServingTable.lines(ServingSamples.made()))
        .containsExactly(
            "chat, 2 requests/s",
            "",
            "2 seeds, +- 95 %                    lru                 arc",
            "  TTFT p50                550 +- 635 ms       277 +- 349 ms",
            "  TTFT p90              990 +- 1,144 ms       500 +- 629 ms",
            "  TTFT p99               1.09 +- 1.26 s       549 +- 692 ms",
            "  TTFT mean               556 +- 642 ms       280 +- 353 ms",
            "  inter-token p50       11.0 +- 12.7 us     5.55 +- 6.99 us",
            "  inter-token p90       11.0 +- 12.7 us     5.55 +- 6.99 us",
            "  inter-token p99       11.0 +- 12.7 us     5.55 +- 6.99 us",
            "  end to end p50          550 +- 635 ms       277 +- 349 ms",
            "  end to end p99         1.09 +- 1.26 s       549 +- 692 ms",
            "  output tokens/s    113,163 +- 130,715  224,639 +- 282,859",
            "  requests/s               2.50 +- 0.00        2.50 +- 0.00",
            "  hits                        45 +- 0 %           45 +- 0 %",
            "  hits on GPU                 40 +- 0 %           40 +- 0 %",
            "  hits on host                 5 +- 0 %            5 +- 0 %",
            "warm-up included",
            "  occupancy mean              25 +- 0 %           25 +- 0 %",
            "  occupancy max               50 +- 0 %           50 +- 0 %",
            "  preemptions                    4 +- 0              4 +- 0",
            "  restored                 3 GiB +- 0 B        3 GiB +- 0 B",
            "  kept                     1 MiB +- 0 B        1 MiB +- 0 B",
            "  GPU busy                    50 +- 0 %           50 +- 0 %",
            "  J/token, estimate      0.750 +- 0.000      0.750 +- 0.000",
            "  0 in all runs: hits on disk, hits remote, refused, selected, swapped",
            "",
            "ratio to first, 95 %                          arc",
            "  TTFT p50            0.504 [0.454, 0.560] better",
            "  TTFT p90            0.504 [0.454, 0.560] better",
            "  TTFT p99            0.504 [0.454, 0.560] better",
            "  TTFT mean           0.504 [0.454, 0.560] better",
            "  inter-token p50     0.504 [0.454, 0.560] better",
            "  inter-token p90     0.504 [0.454, 0.560] better",
            "  inter-token p99     0.504 [0.454, 0.560] better",
            "  end to end p50      0.504 [0.454, 0.560] better",
            "  end to end p99      0.504 [0.454, 0.560] better",
            "  output tokens/s     1.984 [1.786, 2.203] better",
            "  requests/s          1.000 [1.000, 1.000]",
            "  hits                1.000 [1.000, 1.000]",
            "  hits on GPU         1.000 [1.000, 1.000]",
            "  hits on host        1.000 [1.000, 1.000]",
            "  occupancy mean      1.000 [1.000, 1.000]",
            "  occupancy max       1.000 [1.000, 1.000]",
            "  preemptions         1.000 [1.000, 1.000]",
            "  restored            1.000 [1.000, 1.000]",
            "  kept                1.000 [1.000, 1.000]",
            "  GPU busy            1.000 [1.000, 1.000]",
            "  J/token, estimate   1.000 [1.000, 1.000]",
            "",
            "TTFT p50 by round            lru            arc",
            "  1                550 +- 635 ms  277 +- 349 ms",
            "  3-4              275 +- 318 ms  139 +- 175 ms",
            "",
            "TTFT p99 by round             lru            arc",
            "  1                1.09 +- 1.26 s  549 +- 692 ms",
            "  3-4               545 +- 629 ms  275 +- 346 ms",
            "",
            "hits by round        lru        arc",
            "  1             5 +- 0 %   5 +- 0 %",
            "  3-4          65 +- 0 %  65 +- 0 %",
            "",
            "warm-up: the first 3 of 40 windows (75 requests) are left out");
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
    "SECONDS, 0.1234, 0.0056, 123 +- 6 ms",
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
