package org.kvcache.bench.herald;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.cli.Main;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AccuracyCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int run(String arguments) {
    String[] words = ("herald accuracy " + arguments).strip().split(" +");
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
  }

  @Test
  void helpIsComplete() {
    assertThat(run("--help")).isZero();
    assertThat(out.toString())
        .contains("Usage: kvcache herald accuracy")
        .contains("--budgets 2%,5%,10%,20%")
        .doesNotContain("${")
        .doesNotContain("%%");
  }

  @Test
  void quickStudyPrintsATableAndWritesFiles() throws IOException {
    Path json = folder.resolve("a.json");
    Path csv = folder.resolve("a.csv");
    Path png = folder.resolve("a.png");
    int code =
        run("--quick --prompts 1 --blocks 2 --json " + json + " --csv " + csv + " --png " + png);
    assertThat(err.toString()).isEmpty();
    assertThat(code).isZero();
    assertThat(out.toString())
        .startsWith("2 prompts of 784 tokens, half of them with one needle")
        .contains("f32: right blocks (columns), one needle | two")
        .containsPattern("method +10%")
        .containsPattern("dense +1\\.00\\(1\\.00\\) \\| 1\\.00\\(1\\.00\\)")
        .containsPattern("herald:2 +1\\.00\\(1\\.00\\) \\| 1\\.00\\(1\\.00\\)")
        .containsPattern("herald:2 +0\\.\\d{3} \\| 0\\.\\d{3}; 2\\.0");

    JsonNode document = JsonMapper.shared().readTree(Files.readString(json));
    assertThat(document.get("generatedBy").get(2).asString()).isEqualTo("--quick");
    assertThat(document.get("units").propertyNames()).contains("oneKept", "movedShare");
    JsonNode results = document.get("results");
    assertThat(results).hasSize(4);
    assertThat(results.get(0).get("method").asString()).isEqualTo("dense");
    assertThat(results.get(0).get("oneKept").isNull()).isTrue();
    assertThat(results.get(3).get("twoBlocks").asDouble()).isEqualTo(1);

    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(5);
    assertThat(lines.getFirst())
        .isEqualTo(
            "method,scheme,budget,oneBlocks,oneColumns,twoBlocks,twoColumns,oneKept,twoKept,"
                + "asked,scannedKeys,wantedPages,movedShare,hiddenShare");
    assertThat(lines.get(1)).startsWith("dense,f32,1.0,").endsWith(",,,,0.0,0.0,,");
    assertThat(Files.readAllBytes(png)).startsWith(0x89, 'P', 'N', 'G');
  }

  @Test
  void recallCanBeLeftOut() {
    assertThat(run("--quick --prompts 1 --tokens 128 --blocks 1 --no-recall -q")).isZero();
    assertThat(out.toString()).startsWith("f32: right blocks").doesNotContain("attention kept");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--retrievers nothing   | unknown retriever 'nothing'; known: ",
        "--retrievers herald:x  | --retrievers 'herald:x' is not NAME[:QUERIES][:token][:once]",
        "--schemes f33          | unknown",
        "--schemes f32/         | unknown",
        "--budgets lots         | --budgets 'lots' is not a share above 0 up to 100%; write 5%",
        "--budgets 0%           | --budgets '0%' is not a share",
        "--prompts 0            | --prompts is 0; give at least 1",
        "--blocks 0             | --blocks is 0; give at least 1",
        "--slack -1             | --slack is -1.0; give 0 to 16",
        "--tokens 100           | a prompt of 100 tokens; it takes a multiple of 16, at least 96",
        "--shared no/such.json  | no/such.json: cannot be read",
        "--json no/such/p.json  | its directory does not exist",
        "--png p.gif            | p.gif: charts are written as .png or .svg; change the name's",
        "--json p.x --csv p.x   | p.x: is named for --json and for --csv",
      })
  void badUseIsOneSentence(String arguments, String sentence) {
    assertThat(run(arguments)).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains(sentence);
  }
}
