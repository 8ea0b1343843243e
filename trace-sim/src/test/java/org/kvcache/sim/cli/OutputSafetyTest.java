package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputSafetyTest {

  @TempDir private Path folder;
  private Path trace;
  private byte[] before;

  @BeforeEach
  void writeTrace() throws IOException {
    trace = folder.resolve("trace.jsonl");
    Invocation.of("generate", "chat:sessions=20", "-o", trace.toString());
    before = Files.readAllBytes(trace);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--json", "--csv"})
  void reportsDoNotOverwriteTheTrace(String option) throws IOException {
    for (String written : new String[] {trace.toString(), folder + "/./trace.jsonl"}) {
      Invocation run =
          Invocation.of(
              "simulate", "--trace", trace.toString(), "--policy", "lru", option, written);
      assertThat(run.complaint()).contains("is the trace that is read");
    }
    Invocation forced =
        Invocation.of("describe", "--trace", "mooncake:" + trace, "--json", trace.toString());
    assertThat(forced.complaint()).contains("is the trace that is read");
    assertThat(Files.readAllBytes(trace)).isEqualTo(before);
  }

  @Test
  void twoReportsNeedTwoFiles() {
    String file = folder.resolve("out.json").toString();
    Invocation run =
        Invocation.of(
            "simulate",
            "--trace",
            trace.toString(),
            "--policy",
            "lru",
            "--json",
            file,
            "--csv",
            file);
    assertThat(run.complaint()).contains("two outputs");
  }

  @Test
  void linksAreFollowed() throws IOException {
    Path target = Files.writeString(folder.resolve("target.json"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link.json"), target);
    Invocation.of(
        "simulate", "--trace", trace.toString(), "--policy", "lru", "--json", link.toString());
    assertThat(link).isSymbolicLink();
    assertThat(Files.readString(target)).contains("schemaVersion");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--policy", "--capacity"})
  void aListOfNothingIsRefused(String option) {
    assertThat(Invocation.of("simulate", "--trace", trace.toString(), option, ",").complaint())
        .contains("names none");
  }

  @Test
  void aWindowBeyondTheTraceHoldsAllOfIt() {
    Invocation.of(
            "simulate",
            "--trace",
            trace.toString(),
            "--policy",
            "lru",
            "--capacity",
            "100%",
            "--window",
            "2147483647",
            "-q")
        .succeeds();
  }
}
