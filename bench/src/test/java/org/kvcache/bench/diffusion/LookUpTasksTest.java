package org.kvcache.bench.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.bench.diffusion.LookUpTask.Kind;

class LookUpTasksTest {

  private static List<LookUpTask> tasks(long seed) {
    LookUpTasks tasks = LookUpTasks.seeded(seed);
    var made = new ArrayList<LookUpTask>();
    for (int tokens : new int[] {96, 512, 1024, 2048}) {
      made.add(tasks.next(Kind.ONE, tokens, 4));
      made.add(tasks.next(Kind.TWO, tokens, 4));
    }
    return made;
  }

  @Test
  void sameSeedSameTasks() {
    assertThat(tasks(7)).isEqualTo(tasks(7)).doesNotContainAnyElementsOf(tasks(8));
  }

  @ParameterizedTest
  @CsvSource({"96, 2", "512, 12", "1024, 25", "2048, 26"})
  void promptsHaveTheirLengthAndRecords(int tokens, int records) {
    for (Kind kind : Kind.values()) {
      LookUpTask task = LookUpTasks.seeded(3).next(kind, tokens, 4);
      assertThat(task.promptTokens()).hasSize(tokens);
      assertThat(task.blocks()).isEqualTo(4);
      assertThat(records(task)).hasSize(records);
    }
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void theAnswerFollowsTheLinks(Kind kind) {
    LookUpTasks tasks = LookUpTasks.seeded(5);
    for (int i = 0; i < 20; i++) {
      LookUpTask task = tasks.next(kind, 512, 5);
      Map<Character, String> records = records(task);
      String block = task.prompt().substring(task.prompt().length() - 16);
      assertThat(block).startsWith("?............").endsWith("\n");
      assertThat(block.charAt(13) == block.charAt(14)).isEqualTo(kind == Kind.ONE);
      for (int at = 0; at < task.expected().length(); at += 16) {
        String first = records.get(Character.toUpperCase(block.charAt(13)));
        String second = records.get(Character.toUpperCase(block.charAt(14)));
        block = task.expected().substring(at, at + 16);
        assertThat(block)
            .isEqualTo(
                first.substring(0, 7)
                    + second.substring(7, 13)
                    + first.charAt(13)
                    + second.charAt(14)
                    + '\n');
      }
    }
  }

  private static Map<Character, String> records(LookUpTask task) {
    var records = new HashMap<Character, String>();
    for (int at = 0; at < task.prompt().length(); at += 16) {
      String block = task.prompt().substring(at, at + 16);
      if (block.matches("[À-Ý]\\d{12}([à-ý])\\1\n")) {
        assertThat(records.put(block.charAt(0), block)).isNull();
      } else {
        assertThat(block).matches(text -> text.chars().allMatch(c -> c < 128 || at(task, text)));
      }
    }
    return records;
  }

  private static boolean at(LookUpTask task, String question) {
    return task.prompt().endsWith(question);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 80, 100})
  void otherLengthsAreRefused(int tokens) {
    LookUpTasks tasks = LookUpTasks.seeded(1);
    assertThatThrownBy(() -> tasks.next(Kind.ONE, tokens, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "a prompt of %d tokens; it takes a multiple of 16, at least 96".formatted(tokens));
  }

  @Test
  void scoreCountsBlocksAndColumnsButTheLast() {
    LookUpTask task = LookUpTasks.seeded(1).next(Kind.ONE, 96, 2);
    int[] answer = task.expected().chars().toArray();
    assertThat(task.score(answer)).isEqualTo(new LookUpTask.Score(2, 2, 30));
    answer[15] = 'x';
    assertThat(task.score(answer).blockAccuracy()).isEqualTo(1);
    answer[3] = 'x';
    answer[14] = 'x';
    LookUpTask.Score score = task.score(answer);
    assertThat(score).isEqualTo(new LookUpTask.Score(2, 1, 28));
    assertThat(score.plus(score).columnAccuracy()).isEqualTo(28 / 30.0);
    assertThat(LookUpTask.Score.NONE.plus(score)).isEqualTo(score);
  }
}
