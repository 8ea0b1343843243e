package org.kvcache.bench.herald;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.bench.diffusion.LookUpTask;
import org.kvcache.bench.diffusion.LookUpTask.Kind;

class AccuracyTasksTest {

  @TempDir private Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("prompts.json"), text);
  }

  private static String prompt(String kind, int blocks, String expected) {
    return "{\"kind\": \"%s\", \"prompt\": \"%s\", \"expected\": \"%s\"}"
        .formatted(kind, "x".repeat(16 * blocks), expected);
  }

  @Test
  void kindsAreGeneratedInTurns() {
    assertThat(AccuracyTasks.generated(1, 2, 96, 3))
        .extracting(LookUpTask::kind)
        .containsExactly(Kind.ONE, Kind.TWO, Kind.ONE, Kind.TWO);
  }

  @Test
  void promptsOfTheLengthAreRead() throws IOException {
    String answer = "y".repeat(32);
    Path file =
        file(
            "[%s, %s, %s, %s, %s]"
                .formatted(
                    prompt("two", 2, answer),
                    prompt("text", 2, answer),
                    prompt("one", 3, answer),
                    prompt("one", 2, answer),
                    prompt("one", 2, answer)));
    assertThat(AccuracyTasks.read(file, 1, 32))
        .containsExactly(
            new LookUpTask(Kind.ONE, "x".repeat(32), answer),
            new LookUpTask(Kind.TWO, "x".repeat(32), answer));
    assertThatThrownBy(() -> AccuracyTasks.read(file, 1, 48))
        .hasMessage(file + ": has no prompt of kind 'two' and 48 tokens; give another --tokens");
  }

  @Test
  void filesThatAreWrongAreNamed() throws IOException {
    Path noJson = file("[");
    assertThatThrownBy(() -> AccuracyTasks.read(noJson, 1, 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(noJson + ": not JSON: ");
    Path torn = file("[%s, %s]".formatted(prompt("one", 2, "short"), prompt("two", 2, "short")));
    assertThatThrownBy(() -> AccuracyTasks.read(torn, 1, 32))
        .hasMessage(torn + ": a prompt's field 'expected' is not text of whole blocks of 16");
    assertThatThrownBy(() -> AccuracyTasks.read(folder.resolve("none.json"), 1, 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("none.json: cannot be read");
  }
}
