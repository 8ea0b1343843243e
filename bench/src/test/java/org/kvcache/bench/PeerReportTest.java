package org.kvcache.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PeerReportTest {

  @Test
  void rowsGiveMediansAndRatiosByRound() {
    var report = new PeerReport();
    String row = report.add(result("lru", 500, 500, List.of(3e6, 8e6, 6e6)));
    assertThat(row).contains("equal", "6.0", "3.00 (1.50-4.00)").endsWith("-");
    assertThat(report.disagreements()).isEmpty();
    assertThat(report.notes()).hasSize(2);
  }

  @Test
  void hitsThatShouldBeEqualAndAreNotAreReported() {
    var report = new PeerReport();
    report.add(result("lru", 501, 500, List.of(3e6)));
    report.add(result("arc", 501, 500, List.of(3e6)));
    assertThat(report.disagreements()).hasSize(1).first().asString().startsWith("lru on t at 10");
    assertThat(report.notes()).anyMatch(note -> note.startsWith("arc: "));
  }

  @Test
  void theMedianOfAnEvenNumberIsBetweenTheMiddleOnes() {
    assertThat(Spread.of(List.of(4.0, 1.0, 2.0, 9.0))).isEqualTo(new Spread(3, 1, 9));
  }

  @Test
  void capacitiesAreBlocksOrShares() {
    BenchStream stream = KeyStreams.zipfAndScans(3, 2_000, 1_000);
    int unique = stream.trace().uniqueBlocks();
    assertThat(CapacityShare.parse("77").blocks(stream.trace())).isEqualTo(77);
    assertThat(CapacityShare.parse(" 2.5% ").blocks(stream.trace())).isEqualTo(unique / 40);
    assertThatThrownBy(() -> CapacityShare.parse("0.001%").blocks(stream.trace()))
        .hasMessageContaining("less than one");
  }

  private static PeerResult result(String policy, long ours, long theirs, List<Double> rates) {
    List<Double> peerRates = rates.stream().map(_ -> 2e6).toList();
    return new PeerResult("t", "d", policy, 10, 1_000, ours, theirs, rates, List.of(), peerRates);
  }
}
