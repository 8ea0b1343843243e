package org.kvcache.sim.report.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class ServingDocumentsTest {

  private static JsonNode json(ServingResults results) {
    return JsonMapper.builder().build().readTree(ServingJson.document(results));
  }

  private static List<CSVRecord> csv(ServingResults results) throws IOException {
    return CSVFormat.RFC4180
        .builder()
        .setHeader()
        .setSkipHeaderRecord(true)
        .get()
        .parse(new StringReader(ServingCsv.text(results)))
        .getRecords();
  }

  @Test
  void jsonHasSettingsFiguresRoundsAndWindows() {
    ServingResults results = ServingSamples.simulated(1, 2);
    JsonNode document = json(results);
    assertThat(document.get("schema").asString()).isEqualTo("kvcache-serving");
    assertThat(document.get("schemaVersion").asInt()).isEqualTo(1);
    assertThat(document.get("generatedBy").get(2).asString()).isEqualTo("a <b>");
    assertThat(document.get("trace").get("requests").asInt()).isPositive();
    JsonNode config = document.get("configs").get(1);
    assertThat(config.get("label").asString()).isEqualTo("arc");
    JsonNode settings = config.get("settings");
    assertThat(settings.get("model").get("name").asString()).isEqualTo("llama3-8b");
    assertThat(settings.get("device").get("gpu").get("memory").asDouble()).isPositive();
    assertThat(settings.get("cacheBytes").asDouble()).isEqualTo(20e9);
    assertThat(settings.get("tiers").get(0).get("place").asString()).isEqualTo("host");
    assertThat(settings.get("load").get("requestsPerSecond").asDouble()).isEqualTo(2);
    assertThat(settings.get("decoding").get("kind").asString()).isEqualTo("token-by-token");
    JsonNode run = config.get("runs").get(1);
    assertThat(run.get("seed").asLong()).isEqualTo(2);
    var summary = results.configs().get(1).runs().get(1);
    assertThat(run.get("figures").get("ttftP50Seconds").asDouble())
        .isEqualTo(summary.all().timeToFirstToken().at(50));
    assertThat(run.get("rounds")).hasSameSizeAs(summary.rounds());
    assertThat(run.get("windows")).hasSameSizeAs(summary.windows());
  }

  @Test
  void jsonComparesWithTheFirst() {
    JsonNode arc = json(ServingSamples.made()).get("configs").get(1);
    assertThat(arc.get("ratioToFirst").get("ttftP50Seconds").get("mean").asDouble())
        .isCloseTo(Math.sqrt(0.5 * 0.0061 / 0.012), within(1e-12));
    assertThat(arc.get("ratioToFirst").get("swappedBytes").isNull()).isTrue();
    assertThat(arc.get("intervals").get("ttftP50Seconds").get("count").asInt()).isEqualTo(2);
  }

  @Test
  void everyFigureIsDescribedAndEveryOtherNumberHasAUnit() {
    JsonNode document = json(ServingSamples.made());
    JsonNode run = document.get("configs").get(0).get("runs").get(0);
    for (var field : run.get("figures").properties()) {
      assertThat(document.get("figures").get(field.getKey()).get("unit").asString()).isNotEmpty();
    }
    for (var field : run.get("windows").get(0).properties()) {
      assertThat(
              document.get("units").has(field.getKey())
                  || document.get("figures").has(field.getKey()))
          .as(field.getKey())
          .isEqualTo(field.getValue().isNumber());
    }
    assertThat(document.get("figures").get("estimatedJoulesPerToken").get("unit").asString())
        .contains("estimate");
  }

  @Test
  void whatIsMissingIsNullInJsonAndEmptyInCsv() throws IOException {
    var none = new ConfigResults("lru", List.of(ServingSamples.refused(1)));
    JsonNode config = json(ServingSamples.of(none)).get("configs").get(0);
    JsonNode run = config.get("runs").get(0);
    assertThat(run.get("figures").get("ttftP50Seconds").isNull()).isTrue();
    assertThat(run.get("figures").get("refused").asInt()).isEqualTo(1000);
    assertThat(run.get("windows").get(0).get("meanArrivalSeconds").isNull()).isTrue();
    assertThat(config.get("intervals").get("ttftP50Seconds").get("mean").isNull()).isTrue();
    CSVRecord all = csv(ServingSamples.of(none)).getFirst();
    assertThat(all.get("ttftP50Seconds")).isEmpty();
    assertThat(all.get("meanArrivalSeconds")).isEmpty();
    assertThat(all.get("refused")).isEqualTo("1000");
  }

  @Test
  void csvHasARowForEachGroup() throws IOException {
    List<CSVRecord> rows = csv(ServingSamples.made());
    assertThat(rows).hasSize(4 * (1 + 2 + 40));
    CSVRecord all = rows.getFirst();
    assertThat(all.get("scope")).isEqualTo("all");
    assertThat(all.get("config")).isEqualTo("lru");
    assertThat(all.get("hitShare")).isEqualTo("0.45");
    assertThat(all.get("estimatedJoulesPerToken")).isEqualTo("0.75");
    CSVRecord round = rows.get(2);
    assertThat(round.get("scope")).isEqualTo("round");
    assertThat(round.get("group")).isEqualTo("3-4");
    assertThat(round.get("estimatedJoulesPerToken")).isEmpty();
    assertThat(rows.get(5).get("counts")).isEqualTo("false");
    assertThat(rows.get(6).get("counts")).isEqualTo("true");
    assertThat(rows.get(3 + 7).get("requests")).isEqualTo("0");
    assertThat(rows.get(3 + 7).get("hitShare")).isEmpty();
    assertThat(rows.getLast().get("seed")).isEqualTo("2");
    assertThat(ServingCsv.text(ServingSamples.made())).endsWith("\r\n");
  }

  @Test
  void sameResultsGiveTheSameText() {
    assertThat(ServingJson.document(ServingSamples.simulated(1, 2)))
        .isEqualTo(ServingJson.document(ServingSamples.simulated(1, 2)));
    assertThat(ServingCsv.text(ServingSamples.simulated(1)))
        .isEqualTo(ServingCsv.text(ServingSamples.simulated(1)));
  }
}
