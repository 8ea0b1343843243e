package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UsageTest {

  @Test
  void withoutCommandListsThem() {
    assertThat(Invocation.of().succeeds().out())
        .contains(
            "simulate",
            "sweep",
            "batch",
            "serve-sim",
            "capacity",
            "reproduce",
            "describe",
            "generate",
            "convert",
            "calibrate",
            "capacity",
            "policies",
            "doctor");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "simulate",
        "sweep",
        "batch",
        "describe",
        "generate",
        "convert",
        "calibrate",
        "capacity",
        "policies",
        "doctor",
        "echo"
      })
  void helpOfEachCommand(String command) {
    assertThat(Invocation.of(command, "--help").succeeds().out())
        .contains("Usage: kvcache " + command)
        .contains("Exit codes:")
        .doesNotContain("${")
        .doesNotContain("%%");
  }

  @Test
  void helpOfGenerateListsGenerators() {
    assertThat(Invocation.of("generate", "--help").succeeds().out())
        .contains("docqa:", "agentic:", "sessions=");
  }

  @Test
  void versionNamesTheJdk() {
    assertThat(Invocation.of("--version").succeeds().out())
        .contains("kvcache " + Version.kvcache())
        .contains("JDK " + Runtime.version());
  }

  @Test
  void versionIsThatOfTheBuild() throws Exception {
    String pom = Files.readString(Path.of("pom.xml"));
    Matcher version = Pattern.compile("<version>([^<]+)</version>").matcher(pom);
    assertThat(version.find()).isTrue();
    assertThat(Version.kvcache()).isEqualTo(version.group(1));
  }

  @ParameterizedTest
  @CsvSource({
    "simulte, unknown command 'simulte', 'simulate', see kvcache --help",
    "simulate --polcy=lru, unknown option '--polcy=lru', '--policy', see kvcache simulate --help",
    "simulate stray, unknown argument 'stray', '', see kvcache simulate --help",
    "simulate --window x, --window, not an int, see kvcache simulate --help",
    "simulate --trace, missing, --trace, see kvcache simulate --help",
    "generate chat, missing, --output, see kvcache generate --help",
    "convert, missing, IN, see kvcache convert --help",
    "calibrate p.csv --model m, missing, --device, see kvcache calibrate --help",
  })
  void badUseIsASentenceAndAHint(String line, String what, String mend, String hint) {
    Invocation run = Invocation.of(line.split(" "));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(2).last().isEqualTo(hint);
    assertThat(run.err()).contains(what).contains(mend).doesNotContain("Exception");
  }

  @Test
  void commandsOfOtherModules() {
    assertThat(Invocation.of("echo", "hello").succeeds().out().strip()).isEqualTo("hello");
    assertThat(Invocation.of("echo", "bad").complaint())
        .isEqualTo("that is bad; say something else");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bug", "foreign"})
  void bugsHaveTheirOwnExitCode(String kind) {
    Invocation run = Invocation.of("echo", kind);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("internal error").doesNotContain("\tat ");
  }

  @Test
  void debugShowsTheStackTrace() {
    Invocation run = Invocation.of("echo", "bug", "--debug");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("\tat org.kvcache");
  }

  @Test
  void fullMemoryNamesTheMend() {
    assertThat(Invocation.of("echo", "memory").complaint()).contains("KVCACHE_JAVA_OPTS=-Xmx");
  }

  @Test
  void policiesAreListedWithTheBounds() {
    assertThat(Invocation.of("policies").succeeds().out())
        .contains("lru", "arc", "adaptive", "opt", "infinite");
  }

  @Test
  void doctorSaysWhatThereIs() {
    assertThat(Invocation.of("doctor").succeeds().out())
        .contains("JDK", "cores", "heap", "adaptive", "llama3-8b")
        .containsPattern("tiers +none on the class path")
        .containsPattern("attention kernels +none on the class path");
  }
}
