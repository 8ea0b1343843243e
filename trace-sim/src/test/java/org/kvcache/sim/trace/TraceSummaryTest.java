package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.kvcache.sim.trace.InMemoryTrace.Row;

class TraceSummaryTest {
  private static final List<Row> ROWS =
      List.of(
          new Row(1000, 20, 3, 0, 0, List.of(1L, 2L)),
          new Row(1500, 12, 4, 1, 0, List.of(9L)),
          new Row(5000, 24, 5, 0, 1, List.of(1L, 2L, 3L)));
  private final TraceSummary summary = TraceSummary.of(new InMemoryTrace("three", 8, ROWS).load());

  @Test
  void countsWhatTheTraceHolds() {
    assertThat(summary.name()).isEqualTo("three");
    assertThat(summary.requests()).isEqualTo(3);
    assertThat(summary.blockRefs()).isEqualTo(6);
    assertThat(summary.uniqueBlocks()).isEqualTo(4);
    assertThat(summary.maxChain()).isEqualTo(3);
    assertThat(summary.meanChain()).isEqualTo(2);
    assertThat(summary.sessions()).isEqualTo(2);
    assertThat(summary.durationMillis()).isEqualTo(4000);
    assertThat(summary.inputTokens()).isEqualTo(56);
    assertThat(summary.outputTokens()).isEqualTo(12);
    assertThat(summary.infiniteHits()).isEqualTo(2);
    assertThat(summary.infiniteHitRate()).isEqualTo(2.0 / 6);
  }

  @Test
  void agesReusesInBlocksRequestsAndMilliseconds() {
    assertThat(summary.reuseDistance().counts()).isEqualTo(List.of(0L, 0L, 2L));
    assertThat(summary.reuseAgeRequests().counts()).isEqualTo(List.of(0L, 0L, 2L));
    assertThat(summary.reuseAgeMillis().quantile(1)).isEqualTo(4095);
    assertThat(summary.reuseAgeMillis().total()).isEqualTo(summary.infiniteHits());
  }

  @Test
  void sharesOfPartialBlocksNeedPromptsShorterThanTheirBlocks() {
    assertThat(summary.partialBlocks()).isZero();
    TraceSummary cut = TraceSummary.of(InMemoryTrace.of(8, Row.of(0, 9, 1, 2)).load());
    assertThat(cut.partialBlocks()).isOne();
    assertThat(cut.partialShare()).isEqualTo(0.5);
  }

  @Test
  void aTraceOfEmptyRequestsHasNoRates() {
    TraceSummary empty = TraceSummary.of(InMemoryTrace.of(8, Row.of(0, 3)).load());
    assertThat(empty.infiniteHitRate()).isZero();
    assertThat(empty.partialShare()).isZero();
  }
}
