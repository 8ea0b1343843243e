package org.kvcache.bench.diffusion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kvcache.bench.diffusion.LookUpTask.Kind;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AnswersTest {

  private static DiffusionModel model;
  private static Denoiser denoiser;

  @BeforeAll
  static void read() {
    model = DiffusionModel.builtIn();
    denoiser = new Denoiser(model);
  }

  @AfterAll
  static void close() {
    denoiser.close();
  }

  private static int[] answer(String prompt, int blocks, boolean looksAhead) {
    int capacity = prompt.length() + blocks * model.config.block();
    var kv = new FullAttention(model.config, capacity, looksAhead);
    denoiser.prefill(kv, prompt.chars().toArray());
    return denoiser.generate(kv, blocks);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void fullAttentionSolvesGeneratedTasks(Kind kind) {
    LookUpTasks tasks = LookUpTasks.seeded(2026);
    LookUpTask.Score score = LookUpTask.Score.NONE;
    for (int i = 0; i < 12; i++) {
      LookUpTask task = tasks.next(kind, i % 2 == 0 ? 512 : 1024, 4);
      score = score.plus(task.score(answer(task.prompt(), task.blocks(), false)));
    }
    assertThat(score.blockAccuracy()).isGreaterThanOrEqualTo(0.95);
  }

  @Test
  void lookingAheadChangesNoToken() {
    LookUpTask task = LookUpTasks.seeded(4).next(Kind.TWO, 512, 4);
    int[] without = answer(task.prompt(), task.blocks(), false);
    assertThat(answer(task.prompt(), task.blocks(), true)).isEqualTo(without);
    assertThat(answer(task.prompt(), task.blocks(), false)).isEqualTo(without);
  }

  @Test
  void sharedPromptsAreContinuedAsByTheReference() throws IOException {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/models/tiny-bd3"))) {
      folder = folder.getParent();
    }
    assumeTrue(folder != null, "no folder above has shared/models/tiny-bd3");
    Path file = folder.resolve("shared/models/tiny-bd3/prompts.json");
    for (JsonNode prompt : twoOfEachKindAndLength(file)) {
      int blocks = prompt.get("blocks").intValue();
      assertThat(answer(prompt.get("prompt").stringValue(), blocks, false))
          .as(prompt.get("id").stringValue())
          .isEqualTo(prompt.get("greedy").stringValue().chars().toArray());
    }
  }

  private static List<JsonNode> twoOfEachKindAndLength(Path file) throws IOException {
    Map<String, Integer> seen = new HashMap<>();
    var some = new ArrayList<JsonNode>();
    for (JsonNode prompt : JsonMapper.shared().readTree(Files.readString(file))) {
      String group = prompt.get("kind").stringValue() + prompt.get("prompt").stringValue().length();
      if (seen.merge(group, 1, Integer::sum) <= 2) {
        some.add(prompt);
      }
    }
    return some;
  }
}
