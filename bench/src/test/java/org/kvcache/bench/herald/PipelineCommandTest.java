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
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.cli.Main;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PipelineCommandTest {

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder;

  private int run(String arguments) {
    String[] words = ("herald " + arguments).strip().split(" +");
    return Main.run(new PrintWriter(out, true), new PrintWriter(err, true), words);
  }

  private String printed(String arguments) {
    assertThat(run("pipeline " + arguments)).as(err.toString()).isZero();
    assertThat(err.toString()).isEmpty();
    return out.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "pipeline --help"})
  void helpIsComplete(String arguments) {
    assertThat(run(arguments)).isZero();
    assertThat(out.toString())
        .contains("Usage: kvcache herald")
        .doesNotContain("${")
        .doesNotContain("%%");
  }

  @Test
  void figuresAreThoseOfTheModelAndLabelledSo() {
    String text = printed("--model sdar-8b --device h200");
    assertThat(text)
        .contains("sdar-8b on h200: a model, not measured; trust it to about ±30 %")
        .contains("blocks of 32 tokens, 20 denoising passes and one that commits; 5% of")
        .containsPattern("16K +dense, GPU only +43 +\\d+\\.\\d +957 +- +1\\.00")
        .containsPattern("herald +207 +\\d+\\.\\d +1,613 +gpu +1\\.69 +882\\.9 +1\\.63")
        .containsPattern("128K +dense, GPU only +5 +")
        .containsPattern("herald +12 +\\d+\\.\\d +468 +cpu +2\\.08");
    for (String way :
        List.of("4-bit scored keys", "half of the set reused", "pages of 16", "all three")) {
      assertThat(text.split(way, -1)).hasSize(4);
    }
  }

  @Test
  void whatDoesNotFitSaysWhy() {
    assertThat(printed("--model llada-8b --device h100 --context 128K"))
        .contains("none: one sequence needs 68.7 GB for its cache, 52.4 GB are free")
        .containsPattern("herald +5 +\\d+\\.\\d +134 +cpu +- +- +-");
    assertThat(printed("--model llada2-mini --device laptop --context 16K"))
        .contains("none: the weights leave nothing of 24.0 GB of GPU memory");
    assertThat(printed("--device laptop --context 512K"))
        .contains("none: one cache takes 77.3 GB, the host has 57.6 GB for caches");
    assertThat(printed("--context 16K --batch 50"))
        .contains("none: a batch of 50 does not fit, 43 is the most")
        .containsPattern("herald +50 ");
  }

  @Test
  void whatIsAskedForIsNotRepeatedAsAVariation() {
    assertThat(printed("--context 16K --key-bits 4.25 --reuse 50%"))
        .doesNotContain("4-bit scored keys")
        .doesNotContain("half of the set reused")
        .contains("look-ahead on, 4.25-bit scored keys, 50% reused")
        .contains("pages of 16");
  }

  @Test
  void allPairsHaveALineEach() {
    String text = printed("--model all --device all --context 16384");
    assertThat(text.lines().filter(line -> line.contains(" 16K "))).hasSize(20);
    assertThat(text)
        .containsPattern("h100 +llada2-mini +16K +3,128 \\(53\\) +8,705 \\(246, gpu\\) +2\\.78")
        .containsPattern("laptop +llada2-mini +16K +none +none +- ");
  }

  @Test
  void filesHoldTheSameRows() throws IOException {
    Path json = folder.resolve("rows.json");
    Path csv = folder.resolve("rows.csv");
    printed("--device h100 --model llada-8b --context 16K,128K --json " + json + " --csv " + csv);
    JsonNode document = JsonMapper.builder().build().readTree(Files.readString(json));
    assertThat(document.get("basis").asString()).contains("not measured").contains("±30 %");
    JsonNode results = document.get("results");
    assertThat(results).hasSize(14);
    assertThat(results.get(0).get("batch").asInt()).isEqualTo(6);
    assertThat(results.get(7).get("reason").asString()).contains("are free beside the weights");
    assertThat(results.get(8).get("throughputRatio").isNull()).isTrue();
    assertThat(results.get(8).get("bound").asString()).isEqualTo("cpu");
    List<String> lines = Files.readAllLines(csv);
    assertThat(lines).hasSize(15);
    assertThat(lines.getFirst())
        .isEqualTo(
            "model,device,contextTokens,way,keyBits,reuse,pageTokens,batch,blockMillis,"
                + "tokensPerSecond,bound,movedBytes,throughputRatio,denseBatchBlockMillis,"
                + "latencyRatio,reason");
    assertThat(lines.get(1)).startsWith("llada-8b,h100,16384,\"dense, GPU only\",,,,6,");
  }

  @Test
  void ownPresetsAreUsed() throws IOException {
    Path models = folder.resolve("models.json");
    Files.writeString(
        models,
        """
        {"mine": {"layers": 4, "queryHeads": 8, "kvHeads": 2, "headDim": 64, "parameters": 1e9}}
        """);
    assertThat(printed("--models " + models + " --model mine --context 4000"))
        .contains("mine on h200")
        .containsPattern("4000 +dense");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--model sdar          | unknown model 'sdar'; known: llama3-8b",
        "--device b200         | unknown device 'b200'; known: h100-pcie4, h100, h200, mi355x",
        "--budget lots         | --budget 'lots' is not a share above 0 up to 100%; write 5% or",
        "--budget 0%           | --budget '0%' is not a share",
        "--budget 101%         | --budget '101%' is not a share",
        "--reuse 2             | --reuse '2' is not a share from 0 to 100%",
        "--context 16Q         | --context '16Q' is not a length of context; write tokens",
        "--context 0           | --context '0' is not a length",
        "--context 9999999999K | --context '9999999999K' is not a length",
        "--block 0             | block is 0; 1 is the least",
        "--steps 0             | steps is 0; 1 is the least",
        "--queries 33          | --queries is 33, more than the 32 tokens of a block",
        "--queries 0           | queries is 0; it must be at least 1",
        "--key-bits 0          | key-bits is 0.0; it must be above 0 and at most 32",
        "--page 0              | page is 0; it must be at least 1",
        "--batch 0             | --batch is 0; give at least 1",
        "--models no/such.json | no/such.json: there is no such file",
        "--json no/such/p.json | its directory does not exist",
        "--json p.x --csv p.x  | p.x: is named for --json and for --csv",
      })
  void badUseIsOneSentence(String arguments, String sentence) {
    assertThat(run("pipeline " + arguments)).isEqualTo(2);
    assertThat(err.toString().lines()).hasSize(1).first().asString().contains(sentence);
  }

  @Test
  void presetFilesThatAreWrongAreNamed() throws IOException {
    Path file = folder.resolve("devices.json");
    Files.writeString(file, "{\"box\": {\"gpu\": {\"memoryGB\": \"24\"}}}");
    assertThat(run("pipeline --devices " + file)).isEqualTo(2);
    assertThat(err.toString().lines())
        .containsExactly(
            "kvcache: "
                + file
                + ": device 'box': field 'host' is missing; it must be an object in braces");
  }

  @Test
  void withoutASubcommandTheyAreNamed() {
    assertThat(run("")).isEqualTo(2);
    assertThat(err.toString()).contains("missing command: pipeline");
  }
}
