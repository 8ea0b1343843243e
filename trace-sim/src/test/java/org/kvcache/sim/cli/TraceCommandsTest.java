package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class TraceCommandsTest {
  private static final Pattern DIGEST = Pattern.compile("digest +([0-9a-f]{16})");

  @TempDir private Path folder;

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private static String digest(Invocation run) {
    Matcher matcher = DIGEST.matcher(run.succeeds().out());
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  @Test
  void describeCountsAndDraws() {
    String out =
        Invocation.of("describe", "--trace", "chat:sessions=40", "batch:items=50").succeeds().out();
    assertThat(out)
        .contains("trace chat:sessions=40", "trace batch:items=50")
        .contains("requests", "unique blocks", "reuse distance", "reuse age", "###");
  }

  @Test
  void describeAsJson() {
    Invocation.of("describe", "--trace", "chat:sessions=40", "--json", file("d.json")).succeeds();
    JsonNode document = JsonMapper.builder().build().readTree(folder.resolve("d.json"));
    JsonNode trace = document.get("traces").get(0);
    long reuses = 0;
    for (JsonNode bucket : trace.get("reuseDistance").get("buckets")) {
      reuses += bucket.get("count").asLong();
    }
    assertThat(reuses)
        .isEqualTo(trace.get("blockRefs").asLong() - trace.get("uniqueBlocks").asLong());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.jsonl", "a.jsonl.gz", "a.runs.jsonl.zst", "a.runs.jsonl"})
  void generatedFilesAreTheGenerator(String name) {
    String written =
        digest(Invocation.of("generate", "chat:sessions=30", "-o", file(name), "--seed", "3"));
    assertThat(digest(Invocation.of("describe", "--trace", file(name)))).isEqualTo(written);
    assertThat(digest(Invocation.of("describe", "--trace", "chat:sessions=30", "--seed", "3")))
        .isEqualTo(written);
  }

  @Test
  void convertThereAndBack() {
    String before = digest(Invocation.of("generate", "chat:sessions=30", "-o", file("a.jsonl")));
    Invocation.of("convert", file("a.jsonl"), file("b.runs.jsonl.gz")).succeeds();
    assertThat(digest(Invocation.of("convert", file("b.runs.jsonl.gz"), file("c.jsonl.zst"))))
        .isEqualTo(before);
  }

  @Test
  void azureConvertsToMooncakeWithoutReuse() throws Exception {
    Path azure = folder.resolve("azure.csv");
    Files.writeString(
        azure,
        "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
            + "2023-11-16 18:15:46.6805900,1030,44\r\n"
            + "2023-11-16 18:15:50.9951690,512,109\r\n");
    Invocation described = Invocation.of("describe", "--trace", azure.toString());
    String before = digest(described);
    assertThat(line(described.out(), "unique blocks")).contains("4");
    assertThat(digest(Invocation.of("convert", azure.toString(), file("m.jsonl.gz"))))
        .isEqualTo(before);
    assertThat(digest(Invocation.of("describe", "--trace", file("m.jsonl.gz")))).isEqualTo(before);
  }

  @Test
  void azureIsNotWritten() {
    assertThat(
            Invocation.of("convert", "batch:items=20", file("out.csv"), "--format", "azure")
                .complaint())
        .startsWith("azure is a format without block ids, so writing it would lose");
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"csv", "txt", "oracleGeneral"})
  void flatFormatsKeepEveryReference(String kind) {
    String flat = file("flat." + kind);
    Invocation.of("convert", "batch:items=40", flat).succeeds();
    String out = Invocation.of("describe", "--trace", flat).succeeds().out();
    String original = Invocation.of("describe", "--trace", "batch:items=40").succeeds().out();
    assertThat(line(out, "block references")).isEqualTo(line(original, "block references"));
    assertThat(line(out, "unique blocks")).isEqualTo(line(original, "unique blocks"));
  }

  private static String line(String out, String start) {
    return out.lines().filter(line -> line.strip().startsWith(start)).findFirst().orElseThrow();
  }

  @Test
  void formatByOption() {
    Invocation.of("generate", "batch:items=20", "-o", file("plain"), "--format", "txt").succeeds();
    assertThat(folder.resolve("plain")).content().startsWith("0\n");
  }

  @Test
  void failedConversionKeepsTheOldFile() throws Exception {
    Path bad = folder.resolve("bad.jsonl");
    Path old = folder.resolve("old.csv");
    Files.writeString(bad, "{\"timestamp\":0}\n");
    Files.writeString(old, "old");
    Invocation.of("convert", bad.toString(), old.toString()).complaint();
    assertThat(old).hasContent("old");
    assertThat(folder).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void convertInPlace() {
    String before = digest(Invocation.of("generate", "batch:items=20", "-o", file("x.jsonl")));
    assertThat(digest(Invocation.of("convert", file("x.jsonl"), file("x.jsonl"))))
        .isEqualTo(before);
  }
}
