package org.kvcache.bench.herald;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kvcache.bench.diffusion.LookUpTask;
import org.kvcache.bench.diffusion.LookUpTask.Kind;
import org.kvcache.bench.diffusion.LookUpTasks;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The prompts of a study: as many of each kind. */
final class AccuracyTasks {

  private AccuracyTasks() {}

  /**
   * Makes prompts.
   *
   * @param prompts of each kind
   * @param tokens of each prompt, a multiple of 16
   * @param blocks of each answer
   * @throws IllegalArgumentException if the prompt is too short or not whole blocks
   */
  static List<LookUpTask> generated(long seed, int prompts, int tokens, int blocks) {
    LookUpTasks tasks = LookUpTasks.seeded(seed);
    var made = new ArrayList<LookUpTask>();
    for (int i = 0; i < prompts; i++) {
      for (Kind kind : Kind.values()) {
        made.add(tasks.next(kind, tokens, blocks));
      }
    }
    return made;
  }

  /**
   * Reads the first prompts of each kind of a file like the model's {@code prompts.json}.
   *
   * @param tokens length of the prompts that are taken
   * @throws IllegalArgumentException naming the file and what is wrong with it
   */
  static List<LookUpTask> read(Path file, int prompts, int tokens) {
    var read = new ArrayList<LookUpTask>();
    for (Kind kind : Kind.values()) {
      int count = 0;
      for (JsonNode node : parse(file)) {
        String text = node.path("prompt").asString("");
        boolean fits =
            text.length() == tokens && node.path("kind").asString("").equals(label(kind));
        if (fits && count < prompts) {
          read.add(new LookUpTask(kind, text, node.path("expected").asString("")));
          count++;
        }
      }
      if (count == 0) {
        throw new IllegalArgumentException(
            "%s: has no prompt of kind '%s' and %d tokens; give another --tokens"
                .formatted(file, label(kind), tokens));
      }
    }
    for (LookUpTask task : read) {
      if (task.blocks() < 1 || task.expected().length() % LookUpTask.BLOCK != 0) {
        throw new IllegalArgumentException(
            file + ": a prompt's field 'expected' is not text of whole blocks of 16");
      }
    }
    return read;
  }

  /** As tables and files call it. */
  static String label(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  private static JsonNode parse(Path file) {
    try {
      return JsonMapper.shared().readTree(Files.readString(file));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(file + ": not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          file + ": cannot be read (" + e.getMessage() + "); name a prompts.json", e);
    }
  }
}
