package org.kvcache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.Calibration;
import org.kvcache.safetensors.SafetensorsWriter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class QualityCommandTest {

  private static final String SMALL = "--head-dim 64 --context 256 --seeds 2 --queries 8 ";

  @TempDir private Path folder;

  @Test
  void tablesHaveARowForEachSchemeAndColumnsForEachDistribution() {
    Invocation study = run("quality --schemes mxfp4,bf16 --distributions gauss,bias " + SMALL);
    assertThat(study.err()).isEmpty();
    assertThat(study.code()).isZero();
    List<String> lines = study.out().lines().toList();
    assertThat(lines.getFirst())
        .isEqualTo("head dim 64, 256 tokens, logit deviation 2.5: medians of 2 heads");
    assertThat(lines.stream().filter(line -> line.contains("gauss")))
        .hasSize(3)
        .allMatch(line -> line.contains("bias") && !line.contains("outl"));
    assertThat(lines.stream().filter(line -> line.startsWith("  mxfp4 "))).hasSize(3);
    assertThat(lines.stream().filter(line -> line.startsWith("  bf16 "))).hasSize(3);
  }

  @Test
  void filesHoldTheSameNumbers() throws IOException {
    Invocation study =
        run(
            "quality -q --schemes mxfp4,kivi4 --distributions outl "
                + SMALL
                + "--json @q.json --csv @q.csv --png @q.png");
    assertThat(study.err()).isEmpty();
    JsonNode results = json("q.json").get("results");
    assertThat(results).hasSize(2);
    assertThat(results.get(0).get("scheme").asString()).isEqualTo("mxfp4");
    assertThat(results.get(0).get("calibrated").asBoolean()).isTrue();
    assertThat(results.get(0).get("heads").asInt()).isEqualTo(2);
    double error = results.get(0).get("outputError").asDouble();
    assertThat(study.out()).contains(String.format(Locale.ROOT, " %.3f ", error));
    List<String> csv = Files.readAllLines(folder.resolve("q.csv"));
    assertThat(csv).hasSize(3);
    assertThat(csv.get(0)).startsWith("scheme,calibrated,distribution,").endsWith(",keyCosine");
    assertThat(csv.get(1)).startsWith("mxfp4,true,outl,64,2,").contains("," + error + ",");
    assertThat(ImageIO.read(folder.resolve("q.png").toFile()).getWidth()).isEqualTo(1280);
  }

  @Test
  void chartCanBeAnSvgThatNamesItsSchemes() throws IOException {
    run("quality -q --schemes mxfp4 --distributions gauss " + SMALL + "--png @q.svg");
    assertThat(Files.readString(folder.resolve("q.svg")))
        .contains("<svg", "mxfp4", "gauss", "error of attention's output (log scale)");
  }

  @Test
  void schemesThatDoNotTakeTheHeadDimAreLeftOutUnlessNamed() {
    String words =
        "quality --head-dim 32 --context 128 --seeds 1 --queries 4 --distributions gauss";
    assertThat(run(words).out()).contains("lm16").doesNotContain("mxfp4m");
    assertThat(run(words + " --schemes mxfp4m").code()).isEqualTo(2);
    assertThat(run(words + " --schemes ,").err()).contains("--schemes names none");
  }

  @Test
  void capturedNumbersThatAreNotFiniteAreNamed() {
    float[] rows = new float[2 * 128 * 64];
    float[] holed = rows.clone();
    holed[128 * 64 + 5 * 64] = Float.NaN;
    new SafetensorsWriter()
        .add("k", holed, 1, 2, 128, 64)
        .add("v", rows, 1, 2, 128, 64)
        .add("q", rows, 1, 2, 128, 64)
        .write(folder.resolve("nan.safetensors"));
    Invocation study = run("quality --schemes lm16 --distributions captured --kv @nan.safetensors");
    assertThat(study.err()).contains("nan.safetensors: tensor 'k' has NaN in row 5 of head 1");
    assertThat(study.code()).isEqualTo(2);
  }

  @Test
  void sameArgumentsGiveTheSameNumbers() {
    String words = "quality --distributions rope,heavy --schemes mxfp4 " + SMALL;
    assertThat(run(words).out()).isEqualTo(run(words).out()).contains("rope");
  }

  @Test
  void withoutCalibrationBiasHurts() throws IOException {
    String words = "quality -q --schemes mxfp4 --distributions bias " + SMALL + "--json @";
    run(words + "with.json");
    run(words + "without.json --no-calibration");
    JsonNode without = json("without.json").get("results").get(0);
    assertThat(without.get("calibrated").asBoolean()).isFalse();
    assertThat(without.get("outputError").asDouble())
        .isGreaterThan(1.5 * json("with.json").get("results").get(0).get("outputError").asDouble());
  }

  @Test
  void formatsAreMeasuredOnNormalRows() throws IOException {
    Invocation study = run("quality --formats --json @f.json --csv @f.csv");
    assertThat(study.err()).isEmpty();
    assertThat(study.out()).contains("mxfp4:t7", "mxfp4:ocp", "mxfp4:uq", "kivi4", "fp8:tensor");
    JsonNode results = json("f.json").get("results");
    assertThat(Files.readAllLines(folder.resolve("f.csv"))).hasSize(1 + results.size());
    for (JsonNode result : results) {
      assertThat(result.get("relativeError").asDouble()).as(result.toString()).isBetween(0.0, 0.05);
    }
  }

  @Test
  void capturedHeadsAreOneMoreColumn() {
    capture(256, 64);
    Invocation study =
        run("quality --schemes mxfp4 --distributions gauss --kv @kv.safetensors " + SMALL);
    assertThat(study.err()).isEmpty();
    assertThat(study.out()).contains("gauss", "captured");
    assertThat(study.out().lines().findFirst().orElseThrow())
        .endsWith("; captured: medians of 2 heads of dim 64");
  }

  @Test
  void capturedHeadsTakeACalibrationFromAFile() throws IOException {
    capture(256, 64);
    Calibration.identity(1, 2, 64).save(folder.resolve("c.json"));
    String words =
        "quality -q --schemes mxfp4 --distributions captured --kv @kv.safetensors --json @";
    run(words + "own.json");
    Invocation given = run(words + "given.json --calibration @c.json");
    assertThat(given.err()).isEmpty();
    assertThat(json("given.json").get("results").get(0).get("outputError").asDouble())
        .isGreaterThan(1.5 * json("own.json").get("results").get(0).get("outputError").asDouble());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--schemes nope                  | unknown scheme 'nope'; known: ",
        "--schemes mxfp4+nope            | unknown format 'nope'; known: ",
        "--schemes mxfp4 --head-dim 7    | head dim is 7",
        "--distributions nope            | unknown distribution 'nope'; known: gauss, outl",
        "--distributions captured        | name --kv",
        "--context 100                   | --context is 100; 128 (a block) is the least",
        "--context 999999999             | are too many for one head",
        "--seeds 0                       | --seeds is 0; 1 is the least",
        "--queries 0                     | --queries is 0",
        "--logit-std 0                   | --logit-std is 0.0; it must be finite and above 0",
        "--logit-std NaN                 | --logit-std is NaN",
        "--png @q.gif                    | change the name's end",
        "--json @no/q.json               | its directory does not exist",
        "--json @q --csv @q              | is named for --json and for --csv",
        "--json @kv.safetensors --kv @kv.safetensors | is named for --kv and for --json",
        "--kv @none.safetensors          | does not exist",
        "--kv @short.safetensors         | 100 tokens",
        "--kv @flat.safetensors          | it must be [layers, kvHeads, tokens, headDim]",
        "--kv @text.safetensors          | text.safetensors",
        "--calibration @c.json           | name them with --kv",
        "--kv @kv.safetensors --calibration @c.json | is for 3 layers, 2 KV heads and head dim 64",
        "--kv @kv.safetensors --calibration @none.json | none.json",
        "--kv @kv.safetensors --calibration @c.json --no-calibration | leave out --no-cal",
        "--formats --schemes mxfp4       | leave out --schemes",
      })
  void badUseIsOneSentence(String words, String sentence) throws IOException {
    capture(256, 64);
    float[] rows = new float[100 * 32];
    new SafetensorsWriter()
        .add("k", rows, 1, 1, 100, 32)
        .add("v", rows, 1, 1, 100, 32)
        .add("q", rows, 1, 1, 100, 32)
        .write(folder.resolve("short.safetensors"));
    new SafetensorsWriter().add("k", rows, 100, 32).write(folder.resolve("flat.safetensors"));
    Files.writeString(folder.resolve("text.safetensors"), "this is no such file at all");
    Calibration.identity(3, 2, 64).save(folder.resolve("c.json"));
    byte[] before = Files.readAllBytes(folder.resolve("kv.safetensors"));
    Invocation study = run("quality " + words.strip());
    assertThat(study.err()).contains(sentence.strip());
    assertThat(study.errLines()).hasSize(1);
    assertThat(study.code()).isEqualTo(2);
    assertThat(Files.readAllBytes(folder.resolve("kv.safetensors"))).isEqualTo(before);
  }

  private void capture(int tokens, int headDim) {
    KvSample first = sample(tokens, headDim, 0);
    KvSample second = sample(tokens, headDim, 1);
    new SafetensorsWriter()
        .add("k", joined(first.keys(), second.keys()), 1, 2, tokens, headDim)
        .add("v", joined(first.values(), second.values()), 1, 2, tokens, headDim)
        .add("q", joined(first.queries(), second.queries()), 1, 2, 40, headDim)
        .write(folder.resolve("kv.safetensors"));
  }

  private static KvSample sample(int tokens, int headDim, int seed) {
    return new SyntheticHead(KvDistribution.BIAS, headDim, tokens, 40, 2.5, seed).load().sample();
  }

  private static float[] joined(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private JsonNode json(String name) throws IOException {
    return JsonMapper.builder().build().readTree(Files.readString(folder.resolve(name)));
  }

  private Invocation run(String words) {
    return Invocation.ofWords(words.replace("@", folder + "/"));
  }
}
