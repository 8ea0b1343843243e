package org.kvcache.sim.trace;

import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * Reads Mooncake JSON Lines: {@code timestamp} in milliseconds, {@code input_length}, {@code
 * output_length}, and the chain as {@code hash_ids} or, run-length coded, as {@code hash_runs} =
 * [start, count, …]. {@code session} (number or text) and {@code turn} are optional, {@code
 * hash_block_size} may state the tokens per block, other fields are ignored.
 */
final class MooncakeReader implements TraceReader {
  private static final String RUNS = "hash_runs";
  private static final String IDS = "hash_ids";

  private final String name;
  private final JsonRecords json;
  private final ChainRules rules;
  private final SessionIds sessions = new SessionIds();
  private long[] runs = new long[16];
  private int runLongs;

  MooncakeReader(Path file, TraceInput input, int blockTokens) {
    name = FileNames.stem(String.valueOf(file.getFileName()));
    json = new JsonRecords(file.toString(), input);
    rules = new ChainRules(blockTokens);
  }

  @Override
  public boolean next(Request into) {
    if (!json.nextObject()) {
      return false;
    }
    into.clear();
    runLongs = 0;
    double time = -1;
    int input = -1;
    int output = -1;
    @Nullable String chain = null;
    for (String field; (field = json.nextField()) != null; ) {
      switch (field) {
        case "timestamp" -> time = json.number(field, "milliseconds");
        case "input_length" -> input = json.count(field, 0);
        case "output_length" -> output = json.count(field, 0);
        case "session" -> into.session = session(field);
        case "turn" -> into.turn = turn(field);
        case "hash_block_size" -> rules.checkBlockSize(json, field);
        case IDS -> {
          into.count = 0;
          json.ids(field, into);
          chain = field;
        }
        case RUNS -> {
          readRuns(field);
          chain = field;
        }
        default -> json.skip();
      }
    }
    json.require(time >= 0, "timestamp");
    json.require(input >= 0, "input_length");
    json.require(output >= 0, "output_length");
    json.require(chain != null, IDS);
    rules.checkTime(json, time);
    if (RUNS.equals(chain)) {
      expandRuns(into, input);
    } else {
      rules.checkBlocks(json, IDS, into.count, input);
    }
    into.timeMillis = time;
    into.inputTokens = input;
    into.outputTokens = output;
    return true;
  }

  @Override
  public int blockTokens() {
    return rules.blockTokens();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    json.close();
  }

  private int session(String field) {
    return switch (json.token()) {
      case VALUE_NULL -> Request.NONE;
      case VALUE_STRING -> sessions.of(json.text());
      case VALUE_NUMBER_INT -> sessions.of(json.whole(field, Long.MIN_VALUE, Long.MAX_VALUE));
      default -> throw json.wrong(field, "must be a whole number or a text");
    };
  }

  private int turn(String field) {
    return (json.token() == JsonToken.VALUE_NULL) ? Request.NONE : json.count(field, 0);
  }

  private void readRuns(String field) {
    json.startArray(field, "a list of starts and counts");
    runLongs = 0;
    while (json.nextElement()) {
      if (runLongs == runs.length) {
        runs = Arrays.copyOf(runs, runLongs * 2);
      }
      boolean start = runLongs % 2 == 0;
      runs[runLongs++] = json.whole(field, start ? 0 : 1, Long.MAX_VALUE);
    }
    if (runLongs % 2 != 0) {
      throw json.error("field '" + field + "' ends with a start; write [start, count, …]");
    }
  }

  /** Expands only after the lengths were checked, so that a wrong count cannot fill the memory. */
  private void expandRuns(Request into, int input) {
    long blocks = 0;
    for (int i = 0; i < runLongs; i += 2) {
      long length = runs[i + 1];
      if (runs[i] > Long.MAX_VALUE - (length - 1)) {
        throw json.error("field '" + RUNS + "' runs past id 2^63-1; renumber the blocks");
      }
      blocks = (length > Long.MAX_VALUE - blocks) ? Long.MAX_VALUE : blocks + length;
    }
    rules.checkBlocks(json, RUNS, blocks, input);
    if (blocks > Request.MAX_IDS) {
      throw json.error(
          "field '" + RUNS + "' lists more than " + Request.MAX_IDS + " block ids; split it");
    }
    into.count = 0;
    for (int i = 0; i < runLongs; i += 2) {
      into.addRun(runs[i], (int) runs[i + 1]);
    }
  }
}
