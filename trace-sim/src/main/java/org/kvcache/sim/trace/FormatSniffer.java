package org.kvcache.sim.trace;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Tells a file's format by its first bytes, and by its name where these leave it open. */
final class FormatSniffer {
  private final Path file;
  private final byte[] head;

  FormatSniffer(Path file, byte[] head) {
    this.file = file;
    this.head = head;
  }

  /**
   * The format.
   *
   * @throws TraceException if nothing fits
   */
  TraceFormat format() {
    var named = TraceFormat.ofFileName(String.valueOf(file.getFileName()));
    int first = firstVisible();
    if (first == '{' || first == '[') {
      return jsonFormat();
    } else if (AzureHeader.of(firstLine()).complete()) {
      return TraceFormat.AZURE;
    } else if (named.isPresent()) {
      return named.get();
    } else if (!isText()) {
      return TraceFormat.ORACLE_GENERAL;
    }
    String line = firstLine();
    if (line.matches("\\d+")) {
      return TraceFormat.TXT;
    } else if (line.indexOf(',') > 0) {
      return TraceFormat.CSV;
    }
    throw new TraceException(
        file
            + ": the format is not recognised; name it as FORMAT:FILE with one of "
            + TraceFormat.labels());
  }

  /** The {@code hash_block_size} of the first JSON record, or 0. */
  int statedBlockTokens() {
    int[] size = {0};
    scanFirstRecord(new HashSet<>(), size);
    return size[0];
  }

  private TraceFormat jsonFormat() {
    Set<String> names = new HashSet<>();
    if (firstVisible() == '[') {
      return TraceFormat.VLLM_EVENTS;
    }
    scanFirstRecord(names, new int[1]);
    if (names.contains("chat_id") || names.contains("parent_chat_id")) {
      return TraceFormat.BAILIAN;
    } else if (names.contains("hash_runs")) {
      return TraceFormat.RUNS;
    } else if (names.contains("events") || names.contains("block_hashes")) {
      return TraceFormat.VLLM_EVENTS;
    }
    return TraceFormat.MOONCAKE;
  }

  private void scanFirstRecord(Set<String> names, int[] blockSize) {
    try (var parser = new JsonFactory().createParser(ObjectReadContext.empty(), head)) {
      parser.nextToken();
      for (String name; (name = parser.nextName()) != null; ) {
        names.add(name);
        if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT && name.equals("hash_block_size")) {
          blockSize[0] = parser.getIntValue();
        }
        parser.skipChildren();
      }
    } catch (JacksonException ignored) {
      // The record may be longer than what was peeked at, or broken: the reader will tell.
    }
  }

  private int firstVisible() {
    for (byte b : head) {
      if (b != ' ' && b != '\t' && b != '\r' && b != '\n') {
        return b & 0xff;
      }
    }
    return -1;
  }

  private boolean isText() {
    for (byte b : head) {
      if (b >= 0 && b < ' ' && b != '\t' && b != '\r' && b != '\n') {
        return false;
      }
    }
    return true;
  }

  private String firstLine() {
    return new String(head, StandardCharsets.UTF_8).strip().lines().findFirst().orElse("");
  }
}
