package org.kvcache.sim.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * Parses KV events in both of vLLM's shapes: objects tagged by {@code type}, and msgspec's
 * array-like structs whose first element is the tag. A line is a batch ({@code {"ts", "events"}} or
 * {@code [ts, [event, …], …]}) or a single event. Only blocks stored on the device are kept.
 */
final class KvEventParser {
  /** Fields of the array-like BlockStored after the tag, in order. */
  private static final List<String> STORED_FIELDS =
      List.of("block_hashes", "parent_block_hash", "token_ids", "block_size", "lora_id", "medium");

  /** Fields of the array-like BlockRemoved after the tag, in order. */
  private static final List<String> REMOVED_FIELDS = List.of("block_hashes", "medium");

  private final JsonRecords json;
  private final List<StoredRun> stored = new ArrayList<>();
  private double seconds = -1;

  private String type = "";
  private long[] hashes = new long[16];
  private int hashCount;
  private @Nullable Long parent;
  private long tokens;
  private int blockTokens;
  private String medium = "";

  KvEventParser(JsonRecords json) {
    this.json = json;
  }

  /** Parses the next line; false at the end of the file. */
  boolean nextBatch() {
    stored.clear();
    seconds = -1;
    @Nullable JsonToken token = json.nextValue();
    if (token == null) {
      return false;
    } else if (token == JsonToken.START_OBJECT) {
      readObject(true);
    } else if (token == JsonToken.START_ARRAY) {
      readArrayLine();
    } else {
      throw notAnEvent();
    }
    return true;
  }

  /** What the batch stored on the device. */
  List<StoredRun> stored() {
    return stored;
  }

  /** The time of the batch in seconds, -1 if it has none. */
  double seconds() {
    return seconds;
  }

  private TraceException notAnEvent() {
    return json.error("the line is no KV event; each line must be one batch or event as JSON");
  }

  private void readArrayLine() {
    if (!json.nextElement()) {
      return;
    }
    if (json.token() == JsonToken.VALUE_STRING) {
      readArrayEvent();
      return;
    }
    seconds = json.number("ts", "seconds");
    if (json.nextElement()) {
      readEvents("events");
      while (json.nextElement()) {
        json.skip();
      }
    }
  }

  private void readEvents(String field) {
    json.startArray(field, "a list of KV events");
    while (json.nextElement()) {
      switch (json.token()) {
        case START_OBJECT -> readObject(false);
        case START_ARRAY -> {
          if (json.nextElement()) {
            readArrayEvent();
          }
        }
        default -> throw json.wrong(field, "must hold KV events only");
      }
    }
  }

  private void readObject(boolean maybeBatch) {
    reset();
    boolean batch = false;
    for (String field; (field = json.nextField()) != null; ) {
      if (maybeBatch && field.equals("ts")) {
        seconds = json.number(field, "seconds");
      } else if (maybeBatch && field.equals("events")) {
        batch = true;
        readEvents(field);
      } else if (field.equals("type") && json.token() == JsonToken.VALUE_STRING) {
        type = json.text();
      } else {
        readField(field);
      }
    }
    if (type.isEmpty() && !batch) {
      throw notAnEvent();
    } else if (!batch) {
      finishEvent();
    }
  }

  private void readArrayEvent() {
    reset();
    if (json.token() != JsonToken.VALUE_STRING) {
      throw json.wrong("type", "must be the name of a KV event");
    }
    type = json.text();
    List<String> fields =
        switch (type) {
          case "BlockStored" -> STORED_FIELDS;
          case "BlockRemoved" -> REMOVED_FIELDS;
          default -> List.of();
        };
    for (int i = 0; json.nextElement(); i++) {
      if (i < fields.size()) {
        readField(fields.get(i));
      } else {
        json.skip();
      }
    }
    finishEvent();
  }

  private void readField(String field) {
    if (json.token() == JsonToken.VALUE_NULL) {
      return;
    }
    switch (field) {
      case "block_hashes" -> readHashes(field);
      case "parent_block_hash" -> parent = hash(field);
      case "token_ids" -> countTokens(field);
      case "block_size" -> blockTokens = (int) json.whole(field, 1, 1 << 24);
      case "medium" -> medium = (json.token() == JsonToken.VALUE_STRING) ? json.text() : "";
      default -> json.skip();
    }
  }

  private void readHashes(String field) {
    json.startArray(field, "a list of block hashes");
    hashCount = 0;
    while (json.nextElement()) {
      if (hashCount == hashes.length) {
        hashes = Arrays.copyOf(hashes, hashCount * 2);
      }
      hashes[hashCount++] = hash(field);
    }
  }

  private long hash(String field) {
    if (json.token() == JsonToken.VALUE_NUMBER_INT) {
      return json.low64();
    } else if (json.token() == JsonToken.VALUE_STRING) {
      return BlockHashes.parse(json.text())
          .orElseThrow(() -> json.wrong(field, "must be hexadecimal or base64"));
    }
    throw json.wrong(field, "must be a whole number, or hexadecimal or base64 text");
  }

  private void countTokens(String field) {
    json.startArray(field, "a list of token ids");
    while (json.nextElement()) {
      json.skip();
      tokens++;
    }
  }

  private void reset() {
    type = "";
    hashCount = 0;
    parent = null;
    tokens = 0;
    blockTokens = 0;
    medium = "";
  }

  private void finishEvent() {
    boolean device = medium.isEmpty() || medium.equalsIgnoreCase("GPU");
    if (!type.equals("BlockStored") || !device || hashCount == 0) {
      return;
    }
    json.require(blockTokens > 0, "block_size");
    long expected = (long) hashCount * blockTokens;
    if (tokens != 0 && tokens != expected) {
      throw json.error(
          "field 'token_ids' has "
              + tokens
              + " tokens, but "
              + hashCount
              + " blocks of "
              + blockTokens
              + " have "
              + expected
              + "; the event is damaged: dump it again");
    }
    stored.add(new StoredRun(Arrays.copyOf(hashes, hashCount), parent, blockTokens));
  }
}
