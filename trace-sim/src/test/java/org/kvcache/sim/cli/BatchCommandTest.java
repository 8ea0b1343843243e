package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class BatchCommandTest {
  private static final String SMALL = "batch:items=120,templates=8";

  @TempDir private Path folder;

  private static Invocation batch(String... options) {
    var all = new ArrayList<>(List.of("batch", "--trace", SMALL));
    all.addAll(List.of(options));
    return Invocation.of(all.toArray(String[]::new));
  }

  private JsonNode json(String name, String... options) {
    Path file = folder.resolve(name);
    var all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--json", file.toString()));
    batch(all.toArray(String[]::new)).succeeds();
    return JsonMapper.builder().build().readTree(file);
  }

  private static JsonNode row(JsonNode document, String policy, String order) {
    for (JsonNode row : document.get("results")) {
      if (row.get("policy").asString().equals(policy)
          && row.get("order").asString().equals(order)) {
        return row;
      }
    }
    throw new AssertionError("no row of " + policy + " in the order " + order);
  }

  @Test
  void everyPolicyHasARowInEachOrderAndTheBoundsWhereTheyCan() {
    String out = batch("--capacity", "20%", "--policy", "lru,arc").succeeds().out();
    for (String policy : List.of("lru", "arc")) {
      for (String order : List.of("arrival", "longest-prefix", "depth-first")) {
        assertThat(out).containsPattern("(?m)^ +" + policy + " +" + order + " ");
      }
    }
    assertThat(out)
        .containsPattern("(?m)^ +opt +arrival ")
        .containsPattern("(?m)^ +opt +depth-first ")
        .containsPattern("(?m)^ +infinite +arrival ")
        .doesNotContainPattern("(?m)^ +(opt|infinite) +longest-prefix ")
        .contains("so opt, which knows the order, has no row for it")
        .contains("cache of 108 blocks (19.9 % of the unique blocks, 6.75 GiB)");
  }

  @Test
  void aBetterOrderFindsMoreAndIsDoneEarlier() {
    JsonNode document = json("b.json", "--capacity", "20%", "--policy", "lru");
    JsonNode arrival = row(document, "lru", "arrival");
    for (String order : List.of("depth-first", "longest-prefix")) {
      JsonNode better = row(document, "lru", order);
      assertThat(better.get("tokenHitRate").asDouble())
          .isGreaterThan(arrival.get("tokenHitRate").asDouble());
      assertThat(better.get("makespanOfLruArrival").asDouble()).isLessThan(1);
      assertThat(better.get("promptTokens")).isEqualTo(arrival.get("promptTokens"));
    }
    assertThat(arrival.get("makespanOfLruArrival").asDouble()).isEqualTo(1);
    assertThat(arrival.get("tokenHitRateBelowOpt").asDouble()).isPositive();
    assertThat(arrival.get("makespanOfOpt").asDouble()).isGreaterThan(1);
    assertThat(row(document, "lru", "longest-prefix").get("makespanOfOpt").isNull()).isTrue();
    assertThat(row(document, "opt", "arrival").get("makespanOfOpt").asDouble()).isEqualTo(1);
    assertThat(document.get("units").propertyNames())
        .containsExactlyElementsOf(arrival.propertyNames());
  }

  @Test
  void theSameCommandGivesTheSameResults() {
    assertThat(json("one.json", "--policy", "adaptive").get("results"))
        .isEqualTo(json("two.json", "--policy", "adaptive").get("results"));
  }

  @Test
  void theBaselineIsInTheFilesEvenIfNobodyAskedForIt() {
    JsonNode document =
        json("b.json", "--capacity", "20%", "--policy", "arc", "--order", "depth-first");
    assertThat(row(document, "lru", "arrival").get("makespanOfLruArrival").asDouble()).isOne();
    String out =
        batch("--capacity", "20%", "--policy", "arc", "--order", "depth-first").succeeds().out();
    assertThat(out).doesNotContainPattern("(?m)^ +lru ").doesNotContain("has no row");
  }

  @Test
  void csvHasALinePerBatch() throws IOException {
    Path csv = folder.resolve("b.csv");
    String out =
        batch("-q", "--capacity", "100,20%", "--policy", "lru", "--csv", csv.toString())
            .succeeds()
            .out();
    assertThat(out).doesNotContain("seed", "CSV");
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(1 + 2 * 6);
    assertThat(lines.getFirst()).startsWith("trace,policy,order,capacityBlocks,");
    assertThat(lines.get(1)).startsWith("\"" + SMALL + "\",lru,arrival,100,120,0,");
  }

  @Test
  void bytesAndTheSchemeSayHowManyBlocks() {
    assertThat(batch("--policy", "lru", "--capacity", "8GiB").succeeds().out())
        .contains("cache of 128 blocks");
    assertThat(batch("--policy", "lru", "--capacity", "8GiB", "--scheme", "fp8").succeeds().out())
        .contains(", fp8: ")
        .containsPattern("cache of 2\\d\\d blocks");
  }

  @Test
  void requestsLongerThanTheCacheAreCounted() {
    String out = batch("--policy", "lru", "--capacity", "19").succeeds().out();
    assertThat(out).containsPattern("longer than it, which are refused: [1-9]");
  }

  @Test
  void sizesThatNobodyAskedForGiveWayToTheDevice() {
    assertThat(
            Invocation.of(
                    "batch",
                    "--trace",
                    "batch:items=5000",
                    "--policy",
                    "lru",
                    "--order",
                    "arrival",
                    "--device",
                    "h100")
                .succeeds()
                .out())
        .contains("cache of 779 blocks");
  }

  @ParameterizedTest
  @CsvSource({
    "--order=depthfirst, 'unknown order ''depthfirst'', did you mean ''depth-first'''",
    "--policy=lruu, unknown policy 'lruu'",
    "--model=lama, unknown model 'lama'",
    "--model=all, --model all is more than one",
    "--device=h2000, unknown device 'h2000'",
    "--device=all, --device all is more than one",
    "--scheme=int3, int3",
    "--capacity=0, no block at all",
    "--capacity=many, not understood",
    "--capacity=1, every request of",
    "--model=llama3-70b, use more GPUs",
    "--models=nowhere.json, there is no such file",
    "--devices=nowhere.json, there is no such file",
    "--json=no/such/folder/x.json, directory does not exist",
    "--csv=., is a directory",
  })
  void badOptionsAreOneSentence(String option, String mend) {
    assertThat(batch(option).complaint()).contains(mend);
  }

  @Test
  void optimumOfAnOrderThatNobodyKnows() {
    assertThat(batch("--policy", "opt", "--order", "longest-prefix").complaint())
        .contains("opt must know the order")
        .contains("depth-first");
  }

  @Test
  void cachesLargerThanTheDevice() {
    assertThat(
            Invocation.of(
                    "batch", "--trace", "batch:items=5000", "--capacity", "20%", "--policy", "lru")
                .complaint())
        .contains("does not fit: 1 x h200 has");
  }

  @Test
  void outputsThatWouldDestroySomething() {
    Path file = folder.resolve("x");
    assertThat(batch("--json", file.toString(), "--csv", file.toString()).complaint())
        .contains("two outputs");
  }
}
