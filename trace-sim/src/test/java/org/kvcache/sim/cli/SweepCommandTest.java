package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.sim.RunResult;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.report.Failure;
import org.kvcache.sim.report.Results;
import org.kvcache.sim.report.RunHeader;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceReader;
import org.kvcache.sim.trace.TraceSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class SweepCommandTest {
  private static final String CHAT = "chat:sessions=80";

  @TempDir private Path folder;

  private JsonNode results(Path file) {
    JsonNode document = JsonMapper.builder().build().readTree(file);
    for (JsonNode result : document.get("results")) {
      ((ObjectNode) result).remove(List.of("seconds", "refsPerSecond"));
    }
    return document.get("results");
  }

  private JsonNode sweep(String name, String threads) {
    Path file = folder.resolve(name);
    Invocation.of("sweep", "--trace", CHAT, "--threads", threads, "--json", file.toString())
        .succeeds();
    return results(file);
  }

  @Test
  void parallelEqualsSerialAndAnotherRun() {
    JsonNode serial = sweep("one.json", "1");
    assertThat(serial.size()).isGreaterThan(6 * 6);
    assertThat(sweep("four.json", "4")).isEqualTo(serial);
    assertThat(sweep("again.json", "4")).isEqualTo(serial);
  }

  @Test
  void tracesThatFailLeaveTheOthers() {
    Path json = folder.resolve("kept.json");
    Path csv = folder.resolve("kept.csv");
    Invocation run =
        Invocation.of(
            "sweep",
            "--trace",
            "missing.jsonl",
            CHAT,
            "--policy",
            "lru,opt",
            "--capacity",
            "10%,1000000",
            "--json",
            json.toString(),
            "--csv",
            csv.toString());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).contains("lru");
    assertThat(run.err()).contains("missing.jsonl").contains("more than the").contains("kept: 2");
    assertThat(results(json)).hasSize(2);
    assertThat(csv).content().hasLineCount(3);
    JsonNode document = JsonMapper.builder().build().readTree(json);
    assertThat(document.get("failures").findValuesAsString("trace"))
        .containsExactly("missing.jsonl", CHAT);
  }

  @Test
  void withoutResultsFilesStayAsTheyAre() throws IOException {
    Path json = folder.resolve("old.json");
    Files.writeString(json, "old");
    Invocation.of("sweep", "--trace", "missing.jsonl", "--json", json.toString()).complaint();
    assertThat(json).hasContent("old");
  }

  @Test
  void cellsThatFailLeaveTheOthers() {
    Trace trace;
    try (TraceReader reader = TraceSource.open(CHAT, 0)) {
      trace = Trace.load(reader, TraceOptions.ALL);
    }
    var header = new RunHeader("v", List.of("sweep"), RunSettings.prefix());
    var cells = new ArrayList<Cell>();
    for (String policy : List.of("lru", "no-such-policy", "arc")) {
      cells.add(new Cell(policy, 10, "10", false));
    }
    cells.add(new Cell("opt", 10, "10", true));
    try (var study = new Study(header, 2, Progress.start("sweep", 4, true))) {
      assertThat(study.results(false).count()).isZero();
      study.run(trace, TraceInfo.of(trace, CHAT), RunSettings.prefix(), cells);
      Results results = study.results(true);
      assertThat(results.traces().getFirst().results())
          .extracting(RunResult::policy)
          .containsExactly("lru", "arc");
      assertThat(results.traces().getFirst().bounds())
          .extracting(RunResult::policy)
          .containsExactly("opt");
      assertThat(results.failures())
          .singleElement()
          .extracting(Failure::sentence)
          .asString()
          .startsWith(CHAT + " no-such-policy at 10: unknown policy");
      assertThat(study.exitCode()).isEqualTo(2);
    }
  }
}
