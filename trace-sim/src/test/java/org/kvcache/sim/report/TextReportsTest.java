package org.kvcache.sim.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.RunResult;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class TextReportsTest {

  @Test
  void tableIsAlignedRankedAndMarked() {
    var table = new HitRateTable(Samples.chat(), (_, _) -> "");
    assertThat(table.blockHitRates())
        .containsExactly(
            "block hit rate, %             4      40     200",
            "  share of unique blocks    1 %    10 %    50 %",
            "  infinite                60.00   60.00   60.00",
            "  opt                     30.40   34.00   50.00",
            "  arc                      1.40*   5.00*  19.00",
            "  lru                      0.40    4.00   20.00*");
    assertThat(table.tokenHitRates().getFirst()).startsWith("token hit rate, %");
    assertThat(table.speeds()).last().asString().contains("0.00");
  }

  @Test
  void memoryHasItsOwnLine() {
    var table =
        new HitRateTable(Samples.chat(), (trace, blocks) -> blocks * trace.blockTokens() + " B");
    assertThat(table.blockHitRates().get(2)).startsWith("  memory").contains("64 B", "3200 B");
  }

  @Test
  void cellsWithoutResultAreDashes() {
    var results =
        List.of(
            Samples.result("lru", 4, 1), Samples.result("arc", 4, 2), Samples.result("lru", 8, 3));
    var table =
        new HitRateTable(new TraceResults(Samples.trace("t"), results, List.of()), (_, _) -> "");
    assertThat(table.blockHitRates())
        .anyMatch(line -> line.startsWith("  arc") && line.endsWith("-"));
  }

  @Test
  void infiniteAloneIsATableToo() {
    var results = List.of(Samples.result("infinite", 400, 600));
    var table =
        new HitRateTable(new TraceResults(Samples.trace("t"), results, List.of()), (_, _) -> "");
    assertThat(table.blockHitRates().getFirst()).endsWith("unbounded");
    assertThat(table.blockHitRates().getLast()).endsWith("60.00");
  }

  @Test
  void csvIsRfc4180() throws IOException {
    RunResult odd = Samples.result("a,\"b\"", "lru", 4, 250, List.of());
    String csv =
        CsvReport.results(
            Samples.of(new TraceResults(Samples.trace("t"), List.of(odd), List.of())));
    assertThat(csv).endsWith("\r\n");
    List<CSVRecord> records =
        CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .get()
            .parse(new java.io.StringReader(csv))
            .getRecords();
    assertThat(records).hasSize(1);
    CSVRecord record = records.getFirst();
    assertThat(record.getParser().getHeaderNames())
        .containsExactly(
            "trace",
            "policy",
            "mode",
            "window",
            "capacityBlocks",
            "requests",
            "blockRefs",
            "blockHits",
            "blockHitRate",
            "tokenRefs",
            "tokenHits",
            "tokenHitRate",
            "evictions",
            "seconds",
            "refsPerSecond");
    assertThat(record.get("trace")).isEqualTo("a,\"b\"");
    assertThat(record.get("blockHitRate")).isEqualTo("0.25");
    assertThat(record.get("tokenHits")).isEqualTo("4000");
    assertThat(record.get("refsPerSecond")).isEqualTo("2000.0");
  }

  @Test
  void statesAsCsv() {
    RunResult result = Samples.result("chat", "adaptive", 4, 1, Samples.states());
    String csv =
        CsvReport.states(
            Samples.of(new TraceResults(Samples.trace("chat"), List.of(result), List.of())));
    assertThat(csv.lines()).hasSize(1 + 10 * 7);
    assertThat(csv).contains("chat,adaptive,4,10,1000.0,0.3,t1,10.0\r\n");
  }

  @Test
  void jsonSaysWhatFailed() {
    var failures = List.of(new Failure("chat", "arc", "5%", "no luck"));
    Results results = new Results(Samples.of().header(), List.of(), failures, false);
    JsonNode document = JsonMapper.builder().build().readTree(JsonReport.document(results));
    assertThat(document.get("complete").asBoolean()).isFalse();
    assertThat(document.get("failures").get(0).get("message").asString()).isEqualTo("no luck");
    assertThat(failures.getFirst().sentence()).isEqualTo("chat arc at 5%: no luck");
  }

  @Test
  void everyNumberHasAUnitOrIsAName() {
    JsonNode document =
        JsonMapper.builder().build().readTree(JsonReport.document(Samples.of(Samples.chat())));
    JsonNode units = document.get("units");
    for (var field : document.get("results").get(0).properties()) {
      assertThat(units.has(field.getKey())).isEqualTo(field.getValue().isNumber());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.00999, 1 %",
    "0.05, 5 %",
    "0.1471, 14.7 %",
    "0.5, 50 %",
    "1, 100 %",
    "0, 0 %",
    "0.0561, 5.6 %"
  })
  void shares(double share, String text) {
    assertThat(Numbers.share(share)).isEqualTo(text);
  }
}
