package org.kvcache.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.cli.Main;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ServeDemoCommandTest {

  private static final String SMALL = "serve-demo --tenants 2 --turns 3 --instructions 150 ";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String arguments) {
    String[] words = arguments.strip().split(" +");
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
  }

  @Test
  void answersStayRightAndMostTokensAreFoundAgain(@TempDir Path folder) throws IOException {
    Path json = folder.resolve("demo.json");
    Path png = folder.resolve("demo.png");
    int code = run(SMALL + "--memory 1MiB --json " + json + " --png " + png);
    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    assertThat(out.toString())
        .contains("12 requests of 2 tenants with 2 sessions of 3 turns each")
        .contains("All 12 answers are equal");
    assertThat(png).isNotEmptyFile();
    JsonNode report = JsonMapper.builder().build().readTree(Files.readString(json));
    JsonNode without = report.get("withoutCache");
    JsonNode with = report.get("withCache");
    assertThat(without.get("rightAnswers").asInt()).isEqualTo(12);
    assertThat(with.get("rightAnswers").asInt()).isEqualTo(12);
    assertThat(without.get("computedTokens").asInt())
        .isEqualTo(without.get("promptTokens").asInt());
    int computed = with.get("computedTokens").asInt();
    int fromDisk = with.get("tiers").get(0).get("loadedTokens").asInt();
    assertThat(fromDisk).isPositive();
    assertThat(computed + with.get("memoryTokens").asInt() + fromDisk)
        .isEqualTo(with.get("promptTokens").asInt());
    assertThat(computed).isLessThan(with.get("promptTokens").asInt() / 2);
    assertThat(with.get("requests")).hasSize(12);
  }

  @Test
  void withoutADiskThereIsNoLineForIt() {
    assertThat(run(SMALL + "--disk 0B -q --scheme k8v4 --policy lru")).isZero();
    assertThat(out.toString()).doesNotContain("disk").contains("12 of 12").contains("k8v4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--memory lots    | --memory 'lots' is not an amount of bytes",
        "--memory 1KiB    | memory of 1 KiB holds 0 blocks",
        "--memory 400KiB --tenants 1 --sessions 1 --turns 1 | has no room for the longest session",
        "--scheme mxfp5   | unknown scheme 'mxfp5'",
        "--policy mru     | unknown policy 'mru'",
        "--turns 0        | --turns is 0; it must be within 1 and 64",
        "--turns 64       | give fewer --turns",
        "--json no/such/d | its directory does not exist",
        "--png demo.pdf   | .png or .svg",
      })
  void badUseIsOneSentence(String arguments, String sentence) {
    assertThat(run("serve-demo -q " + arguments)).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains(sentence);
  }

  @Test
  void workloadsAreOfTheirSeed() {
    var first = new AgentWorkload(2, 2, 2, 50, 7).requests();
    assertThat(new AgentWorkload(2, 2, 2, 50, 7).requests()).isEqualTo(first);
    assertThat(new AgentWorkload(2, 2, 2, 50, 8).requests()).isNotEqualTo(first);
    var sessions = new HashSet<Integer>();
    first.forEach(request -> sessions.add(request.session()));
    assertThat(sessions).hasSize(4);
  }
}
