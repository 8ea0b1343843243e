package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class ServeSimCommandTest {
  private static final String AGENTS = "agentic:sessions=6,turns-min=5,turns-max=12";

  @TempDir private Path folder;

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private static Invocation serve(String... args) {
    return Invocation.of(
        Stream.concat(Stream.of("serve-sim", "--trace", AGENTS), Stream.of(args))
            .toArray(String[]::new));
  }

  private JsonNode json(String... args) {
    String file = file("out.json");
    serve(Stream.concat(Stream.of(args), Stream.of("--json", file)).toArray(String[]::new))
        .succeeds();
    return JsonMapper.builder().build().readTree(Path.of(file));
  }

  @Test
  void tableNamesConfigurationsByWhatDiffers() {
    String out = serve("--scheme", "bf16,mxfp4", "--policy", "lru,arc").succeeds().out();
    assertThat(out)
        .contains("bf16 lru: llama3-8b on 1 x h200")
        .contains("mxfp4 arc")
        .contains("TTFT p99", "inter-token p90", "estimate", "round", "not measured");
  }

  @Test
  void lessMemoryIsSlowerAndHostTierMendsIt() {
    String[] small = {"--policy", "lru", "--cache", "6GB"};
    double whole = ttft(json("--policy", "lru"));
    double less = ttft(json(small));
    JsonNode tiered =
        json(
            Stream.concat(Stream.of(small), Stream.of("--host-cache", "500GB"))
                .toArray(String[]::new));
    assertThat(less).isGreaterThan(1.2 * whole);
    assertThat(ttft(tiered)).isLessThan(less);
    assertThat(figure(tiered, "hostHitShare")).isPositive();
    assertThat(figure(tiered, "restoredBytes")).isPositive();
  }

  private static double ttft(JsonNode json) {
    return figure(json, "ttftMeanSeconds");
  }

  private static double figure(JsonNode json, String name) {
    return json.at("/configs/0/runs/0/figures/" + name).asDouble();
  }

  @Test
  void seedsGiveIntervals() {
    JsonNode json = json("--users", "3", "--think", "2", "--seeds", "3", "--policy", "lru,arc");
    assertThat(json.at("/configs")).hasSize(2);
    assertThat(json.at("/configs/0/runs")).hasSize(3);
    JsonNode interval = json.at("/configs/0/intervals/ttftP50Seconds");
    assertThat(interval.get("low").asDouble()).isLessThan(interval.get("mean").asDouble());
    assertThat(interval.get("mean").asDouble()).isLessThan(interval.get("high").asDouble());
    assertThat(json.at("/basis").asString()).contains("not measured");
    assertThat(json.at("/figures/estimatedJoulesPerToken/unit").asString()).contains("estimate");
  }

  @Test
  void sameSeedGivesTheSameBytes() throws IOException {
    for (String name : new String[] {"a.csv", "b.csv"}) {
      serve("--arrivals", "poisson", "--rate", "1/s", "--csv", file(name)).succeeds();
    }
    assertThat(Files.readString(Path.of(file("a.csv"))))
        .isEqualTo(Files.readString(Path.of(file("b.csv"))))
        .startsWith("trace,config,seed,scope,group");
  }

  @Test
  void chartIsAnImage() throws IOException {
    serve("--chart", file("time.png")).succeeds();
    assertThat(ImageIO.read(Path.of(file("time.png")).toFile()).getWidth()).isGreaterThan(1000);
    serve("--chart", file("time.svg")).succeeds();
    assertThat(Files.readString(Path.of(file("time.svg")))).contains("<svg");
  }

  @Test
  void blockDiffusionWithAndWithoutRetrieval() {
    JsonNode json = json("--model", "sdar-8b", "--decoding", "diffusion,herald", "--users", "4");
    assertThat(json.at("/configs/0/label").asString()).startsWith("diffusion");
    assertThat(json.at("/configs/1/runs/0/figures/selectedBytes").asDouble()).isZero();
    JsonNode herald =
        json("--model", "sdar-8b", "--decoding", "herald", "--users", "4", "--policy", "lru");
    assertThat(figure(herald, "selectedBytes")).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--model llama3-70b --device h100 | takes | more GPUs",
        "--model llama9 | unknown model 'llama9' | known",
        "--scheme int3 | unknown scheme 'int3' | known",
        "--policy lruu | unknown policy 'lruu' | known",
        "--decoding magic | unknown decoding 'magic' | herald",
        "--routing x | --routing 'x' is unknown | round-robin",
        "--preemption x | --preemption 'x' is unknown | swap",
        "--cache 900GB | does not fit | give less",
        "--cache many | --cache 'many' is not a size | 40GB",
        "--host-cache x | --host-cache 'x' is not a size | 200GB",
        "--rate fast | --rate 'fast' is not understood | 3/s",
        "--users 4 --rate 2/s | --users and --rate | one of them",
        "--think 3 | --think is a pause | --users",
        "--users 0 | users is 0 | at least 1",
        "--seeds 0 | --seeds is 0 | at least 1",
        "--confidence 100% | --confidence is 100% | below",
        "--chart a.gif | .png, .svg or .html | change",
        "--tensor-parallel 2 --device laptop | no interconnect | interconnectGBps",
        "--decoding herald --host-cache 10GB | on the host already | leave out",
        "--weight-bits 0 | --weight-bits is 0 | above 0",
      })
  void badUseGetsOneSentence(String arguments, String what, String how) {
    String complaint = serve(arguments.split(" ")).complaint();
    assertThat(complaint).contains(what);
    assertThat(complaint).contains(how);
  }
}
