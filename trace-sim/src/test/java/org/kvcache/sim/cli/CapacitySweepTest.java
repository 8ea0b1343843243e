package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.SharedTraces;
import org.kvcache.sim.capacity.Finding;
import org.kvcache.sim.capacity.Stop;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceSource;

final class CapacitySweepTest {
  private static final double NEAR_PERCENT = 3;

  private static Trace generated(String specification) {
    try (var reader = TraceSource.open(specification, 0)) {
      return Trace.load(reader, TraceOptions.ALL);
    }
  }

  private static double found(CapacityRun run) {
    Finding finding = run.search(_ -> {}).finding();
    assertThat(finding.stop()).isEqualTo(Stop.CONVERGED);
    assertThat(finding.probes()).hasSizeLessThanOrEqualTo(12);
    return finding.answer().orElseThrow().level();
  }

  /** Coarse far below the answer, fine around it. */
  private static DoubleStream upTo(double answer, double fine) {
    return DoubleStream.concat(
        CapacitySweep.grid(answer / 8, answer * 0.8, 1.3),
        CapacitySweep.grid(answer * 0.8, answer * 1.3, fine));
  }

  @ParameterizedTest
  @CsvSource({
    "chat:sessions=150, 'ttft.p50=500ms,itl.p90=30ms', ''",
    "docqa:requests=300, 'ttft.p90=4s,itl.p90=50ms', ''",
    "docqa:requests=300, ttft.p50=2s, --arrivals=poisson",
    "agentic:sessions=12, 'ttft.p90=1s,itl.p90=18ms', ''",
  })
  void highestRate(String trace, String slo, String option) {
    CapacityRun run =
        CapacitySweep.run(
            generated(trace),
            Sought.RATE,
            slo,
            option.isEmpty() ? new String[0] : new String[] {option});
    double answer = found(run);
    double swept = CapacitySweep.of(run).last(upTo(answer, 1.01)).orElseThrow();
    assertThat(answer).isCloseTo(swept, withinPercentage(NEAR_PERCENT));
  }

  @Test
  void smallestCache() {
    CapacityRun run =
        CapacitySweep.run(
            generated("docqa:requests=300"), Sought.CACHE, "ttft.p90=2s", "--rate=0.5/s");
    double answer = found(run);
    double swept =
        CapacitySweep.of(run)
            .last(
                DoubleStream.concat(
                    CapacitySweep.grid(answer * 3, answer * 1.2, 0.8),
                    CapacitySweep.grid(answer * 1.2, answer * 0.8, 0.99)))
            .orElseThrow();
    assertThat(answer).isCloseTo(swept, withinPercentage(NEAR_PERCENT));
  }

  @Test
  void fewestReplicasAreExact() {
    CapacityRun run =
        CapacitySweep.run(
            generated("docqa:requests=300"), Sought.DEVICES, "ttft.p90=3s", "--rate=10/s");
    double answer = found(run);
    double swept =
        CapacitySweep.of(run)
            .last(IntStream.rangeClosed(1, 24).mapToDouble(below -> 25 - below))
            .orElseThrow();
    assertThat(answer).isEqualTo(swept).isGreaterThan(1);
  }

  @ParameterizedTest
  @CsvSource({
    "docqa_tile_b512, 'ttft.p90=4s,itl.p90=50ms'",
    "docqa_random_b512, 'ttft.p90=4s,itl.p90=50ms'",
    "mooncake_conversation_b512, 'ttft.p90=12s,itl.p90=50ms'",
  })
  void highestRateOfSharedTraces(String name, String slo) {
    CapacityRun run = CapacitySweep.run(SharedTraces.read(name), Sought.RATE, slo);
    double answer = found(run);
    double swept =
        CapacitySweep.of(run)
            .last(
                DoubleStream.of(0.25, 0.5, 0.75, 0.95, 0.97, 0.99, 1.01, 1.03, 1.05)
                    .map(share -> answer * share))
            .orElseThrow();
    assertThat(answer).isCloseTo(swept, withinPercentage(NEAR_PERCENT));
  }
}
