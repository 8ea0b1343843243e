package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class CapacityCommandTest {
  private static final String TRACE = "docqa:requests=60";

  @TempDir private Path folder;

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private static Invocation capacity(String... args) {
    List<String> given = List.of(args);
    var all = Stream.<String>builder().add("capacity");
    if (!given.contains("--trace")) {
      all.add("--trace").add(TRACE);
    }
    if (!given.contains("--slo")) {
      all.add("--slo").add("ttft.p90=4s");
    }
    given.forEach(all);
    return Invocation.of(all.build().toArray(String[]::new));
  }

  private JsonNode json(String... args) {
    String file = file("out.json");
    capacity(Stream.concat(Stream.of(args), Stream.of("--json", file)).toArray(String[]::new))
        .succeeds();
    return JsonMapper.builder().build().readTree(Path.of(file));
  }

  @Test
  void printsEachProbeAndWhyItStopped() {
    String out = capacity("--policy", "lru").succeeds().out();
    assertThat(out).contains(TRACE, "60 requests", "digest ", "seed 0", "a model's, not measured");
    assertThat(out).contains("lru: llama3-8b on 1 x h200, warm-up: ");
    assertThat(out)
        .containsPattern(
            " 1  \\d\\S* requests/s +ttft.p90 \\S+ +strain \\S+, (holds|does not hold)");
    assertThat(out)
        .containsPattern("converged: \\S+ requests/s holds and \\S+ requests/s does not");
    assertThat(out.lines().toList().getLast()).matches("rate for lru: \\S+ requests/s");
  }

  @Test
  void configurationsStandSideBySide() {
    String out =
        capacity("--policy", "lru,arc", "--scheme", "bf16,mxfp4", "--quiet").succeeds().out();
    assertThat(out.lines().filter(line -> !line.isBlank()))
        .hasSize(4)
        .allMatch(line -> line.matches("rate for \\S+ \\S+: \\S+ requests/s  x\\d\\.\\d\\d"))
        .first()
        .asString()
        .startsWith("rate for bf16 lru: ")
        .endsWith("x1.00");
  }

  @Test
  void fewestReplicas() {
    String out =
        capacity("--policy", "lru", "--find", "devices", "--rate", "10/s").succeeds().out();
    assertThat(out.lines().toList().getLast()).matches("devices for lru: \\d+ x h200");
    assertThat(out).contains(" x h200 holds and ");
  }

  @Test
  void replicasOfSeveralGpusAreCountedInGpus() {
    JsonNode document =
        json("--find", "devices", "--rate", "20/s", "--tensor-parallel", "2", "--policy", "lru");
    int replicas = document.get("searches").get(0).get("level").asInt();
    assertThat(document.get("searches").get(0).get("why").asString())
        .startsWith("converged: " + 2 * replicas + " x h200 holds");
  }

  @Test
  void smallestCache() {
    String out = capacity("--policy", "lru", "--find", "cache", "--rate", "0.5/s").succeeds().out();
    assertThat(out.lines().toList().getLast()).matches("cache for lru: \\S+ [GM]iB");
  }

  @Test
  void jsonHoldsEveryProbe() {
    JsonNode document = json("--policy", "lru");
    assertThat(document.propertyNames())
        .containsExactly(
            "schemaVersion",
            "kvcacheVersion",
            "generatedBy",
            "basis",
            "trace",
            "slo",
            "sought",
            "levelUnit",
            "searches");
    assertThat(document.get("slo").asString()).isEqualTo("ttft.p90=4s");
    JsonNode search = document.get("searches").get(0);
    assertThat(search.propertyNames())
        .containsExactly(
            "config",
            "model",
            "device",
            "policy",
            "kvBits",
            "warmUpWindows",
            "windows",
            "stop",
            "why",
            "level",
            "probes");
    assertThat(search.get("stop").asString()).isEqualTo("converged");
    double level = search.get("level").asDouble();
    assertThat(search.get("probes"))
        .anyMatch(probe -> probe.get("level").asDouble() == level && probe.get("holds").asBoolean())
        .allMatch(probe -> probe.get("seconds").has("ttft.p90"))
        .allMatch(
            probe -> probe.get("holds").asBoolean() == (probe.get("level").asDouble() <= level));
  }

  @Test
  void csvHasOneLinePerProbe() throws IOException {
    JsonNode document = json("--policy", "lru,arc", "--csv", file("out.csv"));
    int probes = 0;
    for (JsonNode search : document.get("searches")) {
      probes += search.get("probes").size();
    }
    List<String> lines = Files.readAllLines(folder.resolve("out.csv"));
    assertThat(lines).hasSize(1 + probes);
    assertThat(lines.getFirst())
        .isEqualTo("config,sought,probe,level,holds,strain,observed,leftOut");
    assertThat(lines.get(1)).startsWith("lru,rate,1,").contains("ttft.p90=");
  }

  @Test
  void sameSeedSameBytes() throws IOException {
    String[] args = {"--arrivals", "poisson", "--rate", "1/s", "--csv", file("a.csv")};
    String first = capacity(args).succeeds().out();
    byte[] csv = Files.readAllBytes(folder.resolve("a.csv"));
    assertThat(capacity(args).succeeds().out()).isEqualTo(first);
    assertThat(folder.resolve("a.csv")).hasBinaryContent(csv);
    String[] other =
        Stream.concat(Stream.of(args), Stream.of("--seed", "1")).toArray(String[]::new);
    assertThat(capacity(other).succeeds().out()).isNotEqualTo(first);
  }

  @Test
  void impossibleSloIsASentenceWithTheNumbers() {
    Invocation run = capacity("--slo", "ttft.p90=4ms", "--policy", "lru");
    assertThat(run.complaint())
        .startsWith("lru: flat: ")
        .contains("its limit 4ms", "ttft.p90 is 1");
    assertThat(run.out()).contains("rate for lru: no rate tried holds the SLO");
  }

  @Test
  void tooFewReplicasIsASentenceWithTheNumbers() {
    assertThat(capacity("--find", "devices", "--rate", "50/s", "--max-replicas", "2").complaint())
        .contains("2 x h200, the highest level allowed, does not hold", "its limit 4s");
  }

  @Test
  void requestsLongerThanTheCacheAreTold() {
    Invocation run = capacity("--cache", "2.6GB", "--slo", "ttft.p10=1ms", "--policy", "lru");
    assertThat(run.out()).containsPattern("; \\d+ of 60 requests are longer than the cache");
    assertThat(capacity("--cache", "2.6GB", "--policy", "lru").complaint())
        .contains("ttft.p90 is endless, its limit 4s");
  }

  @Test
  void answersSayWhenTheyAreNotTheLast() {
    assertThat(capacity("--slo", "ttft.p90=1000s", "-q").succeeds().out()).contains(": at least ");
    assertThat(capacity("--probes", "2", "-q").succeeds().out()).contains("not narrowed down");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "--slo ttft.p90=4, has no unit",
        "--slo foo.p90=4s, unknown metric 'foo'; known: ttft",
        "--slo ttft.q=4s, unknown statistic 'q'",
        "--find speed, --find 'speed' is unknown",
        "--model lama, unknown model 'lama'; known: llama3-8b",
        "--device h300, unknown device 'h300'; known: h100",
        "--scheme int3, unknown scheme 'int3'; known:",
        "--policy lur, unknown policy 'lur'; known:",
        "--routing random, --routing 'random' is unknown; known: prefix",
        "--preemption stop, --preemption 'stop' is unknown; known: recompute",
        "--decoding magic, unknown decoding 'magic'; known: auto",
        "--model llama3-70b, llama3-70b takes 132 GiB in 16 bits",
        "--users 3, leave out --users",
        "--think 3, --think is a pause of users",
        "--rate 0x, --rate '0x' is not understood",
        "--arrivals weekly, --arrivals 'weekly' is unknown",
        "--tolerance 0, --tolerance '0' is not from",
        "--tolerance 100%, --tolerance '100%' is not from",
        "--tolerance 300%, --tolerance '300%' is not a share",
        "--probes 0, --probes is 0; 1 is the least",
        "--spikes -1, --spikes is -1; 0 is the least",
        "--max-replicas 0, --max-replicas is 0; 1 is the least",
        "--replicas 0, --replicas is 0; 1 is the least",
        "--tensor-parallel 0, --tensor-parallel is 0; 1 is the least",
        "--max-sequences 0, --max-sequences is 0; 1 is the least",
        "--pass-tokens 0, --pass-tokens is 0; 1 is the least",
        "--weight-bits 64, --weight-bits is 64.0",
        "--cache 0, --cache '0' is not a size",
        "--cache 101%, --cache '101%' is not a share",
        "--cache 9999GB, does not fit: 1 x h200 has",
        "--cache 1KB, holds no block of 512 tokens",
        "--cache 64MiB, every request of docqa:requests=60 is longer than the cache of 64 MiB",
        "--host-cache many, --host-cache 'many' is not a size",
        "--trace batch, has no times that requests arrive at; give a --rate",
        "--trace chat docqa, one trace at a time",
        "--trace nowhere.jsonl, nowhere.jsonl",
        "--json no/such/folder/x.json, its directory does not exist",
        "--csv ., is a directory",
        "--json x.out --csv x.out, is named for two outputs",
      })
  void badInputIsOneSentence(String line, String what) {
    Invocation run = capacity(line.split(" "));
    assertThat(run.complaint()).contains(what);
    assertThat(run.out()).doesNotContain("requests/s");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--model", "--device"})
  void listsOfNothing(String option) {
    assertThat(capacity(option, ",").complaint())
        .isEqualTo(option + " names none; give at least one");
  }

  @Test
  void sloMustBeGiven() {
    Invocation run = Invocation.of("capacity", "--trace", TRACE);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--slo").doesNotContain("Exception");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"mine\": ", "[]", "{\"mine\": {\"layers\": 0}}", "{\"mine\": 3}", ""})
  void brokenPresetsNameTheirFile(String content) throws IOException {
    Files.writeString(folder.resolve("mine.json"), content);
    for (String kind : List.of("model", "device")) {
      assertThat(capacity("--" + kind + "s", file("mine.json"), "--" + kind, "mine").complaint())
          .contains("mine.json: ");
    }
  }

  @Test
  void filesThatAreReadAreNotWritten() throws IOException {
    Files.writeString(folder.resolve("mine.json"), "{}");
    Files.writeString(folder.resolve("trace.jsonl"), "");
    assertThat(capacity("--models", file("mine.json"), "--json", file("mine.json")).complaint())
        .contains("is a file that is read");
    assertThat(capacity("--devices", file("mine.json"), "--csv", file("mine.json")).complaint())
        .contains("is a file that is read");
    assertThat(capacity("--trace", file("trace.jsonl"), "--json", file("trace.jsonl")).complaint())
        .contains("is the trace that is read");
    assertThat(folder.resolve("mine.json")).hasContent("{}");
  }
}
