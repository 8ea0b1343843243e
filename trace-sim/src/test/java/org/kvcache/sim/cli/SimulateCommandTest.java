package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class SimulateCommandTest {
  private static final String CHAT = "chat:sessions=60";
  private static final List<String> FIELDS =
      List.of(
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

  @TempDir private Path folder;

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private static Invocation simulate(String... args) {
    return Invocation.of(
        Stream.concat(Stream.of("simulate"), Stream.of(args)).toArray(String[]::new));
  }

  private JsonNode json(String... args) {
    String file = file("out.json");
    simulate(Stream.concat(Stream.of(args), Stream.of("--json", file)).toArray(String[]::new))
        .succeeds();
    return JsonMapper.builder().build().readTree(Path.of(file));
  }

  @Test
  void tableHasOneRowPerPolicyAndOneColumnPerCapacity() {
    String out =
        simulate("--trace", CHAT, "--policy", "lru,arc,opt,infinite", "--capacity", "5%,50,0.5")
            .succeeds()
            .out();
    assertThat(out).contains("kvcache " + Version.kvcache()).contains("seed 0").contains("digest ");
    assertThat(out).contains("infinite cache hits").doesNotContain("generated workload");
    List<String> rows =
        out.lines().filter(line -> line.matches("  (lru|arc|opt|infinite) .*")).toList();
    assertThat(rows).hasSize(4).allMatch(row -> row.strip().split(" +").length == 4);
    assertThat(rows.get(0)).startsWith("  infinite");
    assertThat(rows.get(1)).startsWith("  opt");
    assertThat(String.join("", rows.subList(2, 4))).contains("*");
  }

  @Test
  void jsonHasExactlyTheFieldsPromised() {
    JsonNode document = json("--trace", CHAT, "--policy", "lru,infinite", "--capacity", "10%");
    assertThat(document.propertyNames())
        .containsExactly(
            "schemaVersion",
            "kvcacheVersion",
            "generatedBy",
            "seed",
            "complete",
            "traces",
            "units",
            "results",
            "failures");
    assertThat(document.get("schemaVersion").asInt()).isEqualTo(1);
    assertThat(document.get("traces").get(0).propertyNames())
        .containsExactly(
            "name",
            "source",
            "digest",
            "requests",
            "blockRefs",
            "uniqueBlocks",
            "blockTokens",
            "infiniteHitRate");
    assertThat(document.get("results")).hasSize(2);
    for (JsonNode result : document.get("results")) {
      assertThat(List.copyOf(result.propertyNames())).isEqualTo(FIELDS);
    }
    JsonNode infinite = document.get("results").get(1);
    assertThat(infinite.get("blockHitRate").asDouble())
        .isEqualTo(document.get("traces").get(0).get("infiniteHitRate").asDouble());
    assertThat(document.get("generatedBy").get(0).asString()).isEqualTo("simulate");
    assertThat(document.get("failures")).isEmpty();
  }

  @Test
  void modesReachTheResults() {
    JsonNode windowed =
        json("--trace", CHAT, "--policy", "lru", "--capacity", "20%", "--window", "4");
    assertThat(windowed.get("results").get(0).get("window").asInt()).isEqualTo(4);
    assertThat(windowed.get("results").get(0).get("mode").asString()).isEqualTo("prefix");
    JsonNode flat = json("--trace", CHAT, "--policy", "lru", "--capacity", "20%", "--flat");
    assertThat(flat.get("results").get(0).get("mode").asString()).isEqualTo("flat");
    JsonNode hinted =
        json("--trace", CHAT, "--policy", "adaptive", "--capacity", "5%", "--hints", "0.9");
    assertThat(hinted.get("hintAccuracy").asDouble()).isEqualTo(0.9);
  }

  @Test
  void optIgnoresTheWindowAndSaysSo() {
    String[] args = {"--trace", CHAT, "--policy", "lru,opt", "--window", "8"};
    assertThat(simulate(args).succeeds().out()).contains("opt runs one request after the other");
  }

  @Test
  void partOfATrace() {
    JsonNode first =
        json("--trace", CHAT, "--policy", "lru", "--max-requests", "10", "--no-partial");
    assertThat(first.get("results").get(0).get("requests").asInt()).isEqualTo(10);
  }

  @Test
  void seedChangesTheTrace() {
    JsonNode one = json("--trace", CHAT, "--policy", "lru", "--seed", "1");
    JsonNode two = json("--trace", CHAT, "--policy", "lru", "--seed", "2");
    assertThat(one.get("traces").get(0).get("digest"))
        .isNotEqualTo(two.get("traces").get(0).get("digest"));
  }

  @Test
  void modelShowsMemory() {
    String out =
        simulate("--trace", CHAT, "--policy", "lru", "--capacity", "1GiB", "--model", "llama3-8b")
            .succeeds()
            .out();
    assertThat(out).contains("llama3-8b, bf16: 128 KiB per token").contains("1 GiB");
  }

  @Test
  void policyAllIsEverything() {
    JsonNode all = json("--trace", CHAT, "--policy", "all,lru", "--capacity", "10%");
    assertThat(all.get("results").findValuesAsString("policy"))
        .contains("lru", "arc", "adaptive", "opt", "infinite")
        .doesNotHaveDuplicates();
  }

  @Test
  void statesFollowTheRun() {
    JsonNode document =
        json(
            "--trace",
            CHAT,
            "--policy",
            "arc",
            "--capacity",
            "10%",
            "--state",
            file("s.csv"),
            "--state-points",
            "5");
    assertThat(document.get("results").get(0).get("states").size()).isBetween(5, 6);
    assertThat(folder.resolve("s.csv")).content().contains(",t1,").contains(",p,");
    simulate("--trace", CHAT, "--policy", "arc,adaptive", "--state", file("s.png")).succeeds();
    assertThat(folder.resolve("s.png")).isNotEmptyFile();
    simulate("--trace", CHAT, "--policy", "arc", "--state", file("s.json")).succeeds();
    assertThat(folder.resolve("s.json")).content().contains("\"states\"");
  }

  @Test
  void chartsOfSeveralTraces() throws Exception {
    for (String kind : List.of("png", "svg", "html")) {
      simulate(
              "--trace",
              CHAT,
              "batch:items=100",
              "--policy",
              "lru,arc",
              "--chart",
              file("c." + kind))
          .succeeds();
    }
    var image = ImageIO.read(folder.resolve("c.png").toFile());
    assertThat(image.getWidth()).isEqualTo(2 * 1280);
    assertThat(image.getHeight()).isEqualTo(720);
    assertThat(folder.resolve("c.svg")).content().contains(CHAT).contains("arc, opt");
    assertThat(folder.resolve("c.html")).content().contains("<svg", "<table>", "schemaVersion");
  }

  @Test
  void boundsForTheChartAreNotResults() {
    JsonNode document = json("--trace", CHAT, "--policy", "lru", "--chart", file("c.svg"));
    assertThat(document.get("results").findValuesAsString("policy")).containsOnly("lru");
    assertThat(folder.resolve("c.svg")).content().contains("lru, opt");
  }

  @Test
  void quietLeavesTheTables() {
    String out =
        simulate(
                "--trace",
                CHAT,
                "--policy",
                "lru",
                "--quiet",
                "--csv",
                file("q.csv"),
                "--tokens",
                "--speed")
            .succeeds()
            .out();
    assertThat(out)
        .contains("block hit rate", "token hit rate", "replay speed")
        .doesNotContain("q.csv")
        .doesNotContain("seed");
  }

  @Test
  void capacitiesThatAreTooSmallAreLeftOutOnlyIfOurs() throws Exception {
    Path tiny = folder.resolve("tiny.jsonl");
    Files.writeString(
        tiny,
        "{\"timestamp\":0,\"input_length\":2560,\"output_length\":1,\"hash_ids\":[0,1,2,3,4]}\n");
    assertThat(simulate("--trace", tiny.toString(), "--policy", "lru").succeeds().out())
        .contains("20 %", "40 %")
        .doesNotContain("10 %");
  }
}
