package org.kvcache.sim.report.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kvcache.sim.serving.ServingSummary;

final class ServingResultsTest {

  @Test
  void configurationsMustHaveTheSameSeedsAndTheirOwnNames() {
    var lru = new ConfigResults("lru", List.of(ServingSamples.run(1, 1, true, 0)));
    var other = new ConfigResults("arc", List.of(ServingSamples.run(2, 1, true, 0)));
    assertThatThrownBy(() -> ServingSamples.of(lru, other))
        .hasMessageContaining("arc has seeds [2], lru has [1]");
    assertThatThrownBy(() -> ServingSamples.of(lru, lru))
        .hasMessageContaining("two configurations are called lru");
    assertThatThrownBy(() -> ServingSamples.of()).hasMessageContaining("no configuration");
    assertThatThrownBy(() -> new ConfigResults("lru", List.of())).hasMessageContaining("no run");
  }

  @Test
  void figuresAreReadFromTheSummary() {
    ServingSummary run = ServingSamples.run(1, 0.01, true, 0);
    assertThat(ServingFigure.TTFT_P50.of(run)).isCloseTo(0.5, within(1e-12));
    assertThat(ServingFigure.TTFT_P99.of(run)).isCloseTo(0.99, within(1e-12));
    assertThat(ServingFigure.ITL_P90.of(run)).isCloseTo(1e-5, within(1e-8));
    assertThat(ServingFigure.HITS.of(run)).isCloseTo(0.45, within(1e-12));
    assertThat(ServingFigure.GPU_HITS.of(run)).isEqualTo(0.4);
    assertThat(ServingFigure.HOST_HITS.of(run)).isEqualTo(0.05);
    assertThat(ServingFigure.GPU_BUSY.of(run)).isEqualTo(0.5);
    assertThat(ServingFigure.RESTORED.of(run)).isEqualTo(3L << 30);
    assertThat(ServingFigure.ENERGY.of(run)).isEqualTo(0.75);
    assertThat(ServingFigure.OUTPUT_TOKENS.of(run.all())).isNaN();
  }

  @Test
  void busyShareIsOfAllReplicas() {
    ServingSummary run =
        ServingSamples.simulated(ServingSamples.config("lru").withReplicas(2), 1).runs().getFirst();
    assertThat(ServingFigure.GPU_BUSY.of(run))
        .isEqualTo(run.run().totals().busySeconds() / (2 * run.run().totals().seconds()))
        .isBetween(0.0, 1.0);
  }

  @Test
  void nothingServedHasNoFiguresButTotals() {
    ServingSummary run = ServingSamples.refused(1);
    assertThat(Arrays.stream(ServingFigure.values()).filter(f -> !Double.isNaN(f.of(run))))
        .containsExactly(
            ServingFigure.MAX_OCCUPANCY,
            ServingFigure.PREEMPTIONS,
            ServingFigure.REFUSED,
            ServingFigure.RESTORED,
            ServingFigure.SELECTED,
            ServingFigure.SWAPPED,
            ServingFigure.KEPT);
  }

  @Test
  void ratiosArePairedBySeed() {
    ServingResults results = ServingSamples.made();
    ConfigResults arc = results.configs().get(1);
    var ratio = results.ratioToFirst(arc, ServingFigure.TTFT_P50).orElseThrow();
    assertThat(ratio.mean()).isCloseTo(Math.sqrt(0.5 * 0.0061 / 0.012), within(1e-12));
    assertThat(results.ratioToFirst(arc, ServingFigure.SWAPPED)).isEmpty();
    assertThat(results.ratioToFirst(results.configs().getFirst(), ServingFigure.KEPT))
        .hasValueSatisfying(same -> assertThat(same.low()).isEqualTo(1));
  }

  @Test
  void medianIsOfTheRunsThatHaveTheFigure() {
    ServingResults results = ServingSamples.made();
    assertThat(results.configs().getFirst().median(ServingFigure.TTFT_P50::of))
        .isCloseTo(0.55, within(1e-12));
    assertThat(results.rounds()).containsExactly("1", "3-4");
    assertThat(results.configs().getFirst().median(_ -> Double.NaN)).isNaN();
  }
}
