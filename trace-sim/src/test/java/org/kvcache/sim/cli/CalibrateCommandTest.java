package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.KvScheme;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.PassModel;
import org.kvcache.sim.cost.Presets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CalibrateCommandTest {
  private static final ModelShape MODEL =
      Presets.models(null).named(List.of("llama3-8b")).getFirst();
  private static final Hardware H100 = Presets.devices(null).named(List.of("h100")).getFirst();
  private static final Hardware TRUTH =
      H100.withGpu(H100.gpu().withEfficiencies(0.41, 0.66, 0.23, 8e-5));

  @TempDir private Path folder;
  private Path passes;

  @BeforeEach
  void measure() throws IOException {
    passes = write("passes.csv", MODEL, true);
  }

  private Path write(String name, ModelShape model, boolean prefill) throws IOException {
    var pass = new PassModel(model, TRUTH, 1);
    var lines = new ArrayList<>(List.of("# the model's own", "phase,batch,new_tokens,context,ms"));
    for (int context : new int[] {0, 1000, 8000, 64000}) {
      for (int newTokens : prefill ? new int[] {100, 2000, 30000} : new int[0]) {
        double ms = 1e3 * pass.prefillSeconds(context, newTokens);
        lines.add("prefill,1,%d,%d,%s".formatted(newTokens, context, ms));
      }
      for (int batch : new int[] {1, 8, 32}) {
        double ms = 1e3 * pass.decodeSeconds(batch, context + 1);
        lines.add("decode,%d,,%d,%s".formatted(batch, context, ms));
      }
    }
    return Files.write(folder.resolve(name), lines);
  }

  private Invocation calibrate(String options) {
    return calibrate(passes, options);
  }

  private Invocation calibrate(Path file, String options) {
    String line = "calibrate " + file + " " + options.replace("DIR", folder.toString());
    return Invocation.of(line.strip().split(" +"));
  }

  @Test
  void factorsAndErrorsArePrinted() {
    assertThat(calibrate("--model llama3-8b --device h100").succeeds().out())
        .startsWith("llama3-8b on h100, keys and values in 16.00 bits\n")
        .contains("24 points of 24 shapes in " + passes + ", 5 of them held back (seed 0)")
        .containsPattern("gemmEfficiency +0\\.6200 +0\\.4100 +0\\.000\\d")
        .containsPattern("bandwidthEfficiency +0\\.8200 +0\\.6600 +")
        .containsPattern("attentionEfficiency +0\\.4500 +0\\.2300 +")
        .containsPattern("layerMicros +50\\.00 +80\\.00 +")
        .containsPattern("fitted +19 +0\\.00 +0\\.00 +0\\.00 +\\d\\d\\.\\d\\d")
        .containsPattern("held back +5 +0\\.00 +0\\.00 +0\\.00 +\\d\\d\\.\\d\\d")
        .containsPattern("  prefill +\\d +0\\.00")
        .containsPattern(
            "line \\d+ +(prefill|decode) +\\d+ +\\d+ +\\d+ +[\\d.]+ +[\\d.]+ +[+-]0\\.00");
  }

  @Test
  void factorsThatThePointsDoNotTellHaveALineEach() throws IOException {
    Path decode = write("decode.csv", MODEL, false);
    assertThat(calibrate(decode, "--model llama3-8b --device h100").succeeds().out())
        .contains(
            "gemmEfficiency stays at 0.6200: it decides less than 1 % of the time of every point\n"
                + "attentionEfficiency stays at 0.4500: it decides less than 1 %")
        .containsPattern("attentionEfficiency +0\\.4500 +0\\.4500 +kept");
  }

  @Test
  void theDeviceIsReadBackAsItIs() throws IOException {
    String out = calibrate("--model llama3-8b --device h100 --out DIR/mine.json").succeeds().out();
    Path mine = folder.resolve("mine.json");
    assertThat(out).contains("device: --devices " + mine + " --device h100-calibrated");
    Hardware device = Presets.devices(mine).named(List.of("h100-calibrated")).getFirst();
    assertThat(device.gpu().gemmEfficiency()).isBetween(0.4099, 0.4101);
    assertThat(device.gpu().layerSeconds()).isBetween(7.99e-5, 8.01e-5);
    assertThat(device.host()).isEqualTo(H100.host());
    assertThat(Files.readString(mine))
        .contains("h100; factors fitted to 24 points of 24 shapes in " + passes);
    String again = "--model llama3-8b --devices DIR/mine.json --device h100-calibrated";
    assertThat(calibrate(again).succeeds().out())
        .containsPattern("gemmEfficiency +0\\.4100 +0\\.4100 ");
  }

  @Test
  void jsonHoldsFactorsErrorsAndPoints() throws IOException {
    calibrate("--model llama3-8b --device h100 --hold-back 0.5 --seed 3 --json DIR/fit.json")
        .succeeds();
    JsonNode document =
        JsonMapper.builder().build().readTree(Files.readString(folder.resolve("fit.json")));
    assertThat(document.get("model").asString()).isEqualTo("llama3-8b");
    assertThat(document.get("device").asString()).isEqualTo("h100");
    assertThat(document.get("seed").asInt()).isEqualTo(3);
    assertThat(document.get("factors")).hasSize(4);
    assertThat(document.get("factors").get(3).get("factor").asString()).isEqualTo("layerMicros");
    assertThat(document.get("factors").get(3).get("after").asDouble()).isBetween(79.9, 80.1);
    assertThat(document.get("factors").get(3).get("verdict").asString()).isEqualTo("fitted");
    assertThat(document.get("errors")).hasSize(6);
    assertThat(document.get("errors").get(3).get("heldBack").asBoolean()).isTrue();
    assertThat(document.get("errors").get(3).get("points").asInt()).isEqualTo(12);
    assertThat(document.get("points")).hasSize(24);
    assertThat(document.get("points").get(0).get("line").asInt()).isGreaterThan(2);
  }

  @Test
  void chartsShowFittedAndHeldBackPoints() throws IOException {
    calibrate("--model llama3-8b --device h100 --chart DIR/fit.svg").succeeds();
    assertThat(Files.readString(folder.resolve("fit.svg")))
        .contains("times of prefill, prefill, held back, decode, decode, held back");
    calibrate("--model llama3-8b --device h100 --chart DIR/fit.png").succeeds();
    assertThat(ImageIO.read(folder.resolve("fit.png").toFile()).getWidth()).isEqualTo(1040);
  }

  @Test
  void theSchemeSaysHowManyBytesAreRead() throws IOException {
    double bits = KvScheme.of("fp8", MODEL.headDim()).bitsPerElement();
    Path file = write("fp8.csv", MODEL.withKvBits(bits), true);
    assertThat(calibrate(file, "--model llama3-8b --device h100 --scheme fp8").succeeds().out())
        .contains("fitted  ")
        .containsPattern("bandwidthEfficiency +0\\.8200 +0\\.6600 ");
    assertThat(calibrate(file, "--model llama3-8b --device h100").succeeds().out())
        .doesNotContainPattern("bandwidthEfficiency +0\\.8200 +0\\.6600 ");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--model llama3 --device h100       | unknown model 'llama3'; known: llama3-8b",
        "--model llama3-8b --device b200    | unknown device 'b200'; known: h100-pcie4, h100",
        "--model all --device h100          | --model is 'all'; name the one that was measured",
        "--model llama3-70b --device h100   | the weights of llama3-70b take 141.2 GB and 1 of",
        "--model llama3-8b --device laptop --tensor-parallel 2 | states no interconnect",
        "--model llama3-8b --device h100 --tensor-parallel 0 | 0 GPUs; at least 1 is needed",
        "--model llama3-8b --device h100 --scheme int3 | int3",
        "--model llama3-8b --device h100 --hold-back lots | --hold-back 'lots' is not a share",
        "--model llama3-8b --device h100 --hold-back 100% | is not a share from 0 to below 100%",
        "--model llama3-8b --device h100 --hold-back 95%  | 23 of 24 measured passes are held back",
        "--model llama3-8b --device h100 --name a,b | --name 'a,b' is no name",
        "--model llama3-8b --device h100 --chart DIR/c.pdf | charts are written as .png or .svg",
        "--model llama3-8b --device h100 --json no/such/p.json | its directory does not exist",
        "--model llama3-8b --device h100 --out DIR/x --json DIR/x | is named for --out and for",
        "--model llama3-8b --device h100 --json DIR/passes.csv | is named for the measured passes",
        "--model llama3-8b --device h100 --devices no.json | no.json: there is no such file",
      })
  void badUseIsOneSentence(String options, String sentence) {
    assertThat(calibrate(options).complaint()).contains(sentence);
  }

  @Test
  void badPointsAreOneSentence() throws IOException {
    Path file = folder.resolve("bad.csv");
    Files.writeString(file, "phase,batch,context,ms\ndecode,8,100,fast\n");
    assertThat(calibrate(file, "--model llama3-8b --device h100").complaint())
        .isEqualTo(
            file
                + ":2: field 'ms' is 'fast'; it must be a number of milliseconds above 0, such as"
                + " 12.5");
    Files.writeString(file, "phase,batch,context,ms\ndecode,8,100,5\n");
    assertThat(calibrate(file, "--model llama3-8b --device h100").complaint())
        .contains("1 measured passes, and 4 factors need at least 5");
  }

  @Test
  void theExampleIsFitted() {
    Invocation run =
        calibrate(Path.of("examples", "passes.csv"), "--model llama3-8b --device h100").succeeds();
    assertThat(run.out()).doesNotContain("stays at").containsPattern("held back +\\d+ ");
  }
}
