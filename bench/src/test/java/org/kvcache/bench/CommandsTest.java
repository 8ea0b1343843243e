package org.kvcache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.cli.Main;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CommandsTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void bothCommandsAreFound() {
    assertThat(run()).isZero();
    assertThat(out.toString()).contains("  jmh ").contains("  peers ");
  }

  @Test
  void doctorNamesTheKernels() {
    assertThat(run("doctor")).isZero();
    assertThat(out.toString())
        .containsPattern("attention kernels +\\w+: ")
        .containsPattern("retrievers +.*herald")
        .containsPattern("devices for pages +\\w+")
        .containsPattern("\n +scalar: ")
        .containsPattern("(cuda: |cuda does not run here: )\\w")
        .containsPattern("(hip: |hip does not run here: )\\w");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jmh nothingLikeIt           | no benchmark matches [nothingLikeIt]",
        "jmh -- --nothingLikeIt      | JMH does not understand its options",
        "peers --policies hazard     | policy 'hazard' has no peer",
        "peers --capacity 5GiB       | capacity '5GiB' is not understood",
        "peers --capacity 0%         | capacity '0%' is nothing",
        "peers --rounds 0            | rounds is 0",
        "kernels check --backend gpu | unknown backend 'gpu'; known: all, scalar, vector",
        "kernels bench --backend emu-cuda | is emulated and its time means nothing",
        "kernels bench --rotate-mib 0 | --rotate-mib is 0; give at least 1",
        "peers --json no/such/p.json | its directory does not exist",
      })
  void badUseIsOneSentence(String arguments, String sentence) {
    assertThat(run(arguments.strip().split(" "))).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains(sentence);
  }

  @Test
  void peersComparesInOneRun(@TempDir Path folder) throws IOException {
    Path json = folder.resolve("peers.json");
    String trace = "chat:sessions=200";
    int code =
        run(
            "peers",
            "--policies",
            "lru,arc",
            "--trace",
            trace,
            "--capacity",
            "100",
            "--rounds",
            "1",
            "--json",
            json.toString());
    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    assertThat(out.toString()).contains("equal").contains("arc: Caffeine keeps p as an integer");
    JsonNode results = JsonMapper.builder().build().readTree(Files.readString(json)).get("results");
    assertThat(results).hasSize(2);
    for (JsonNode result : results) {
      assertThat(result.get("capacityBlocks").asInt()).isEqualTo(100);
      assertThat(result.get("ourRates").get(0).asDouble()).isPositive();
      assertThat(result.get("ourHashedRates").get(0).asDouble()).isPositive();
      assertThat(result.get("ratio").asDouble()).isPositive();
    }
  }

  private int run(String... arguments) {
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
  }
}
