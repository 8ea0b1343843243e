package org.kvcache.sim.trace;

import java.nio.file.Path;

/**
 * Reads qwen-bailian-usagetraces-anon: {@code chat_id}, {@code parent_chat_id} (-1 for a first
 * turn), {@code timestamp} in seconds, {@code input_length}, {@code output_length}, {@code turn}
 * from 1, {@code hash_ids}. A request belongs to the session of its parent; a parent the trace does
 * not show starts a session of its own. The links cost a few bytes per request.
 *
 * <p>Ids are content hashes, not chain ids: the same id may recur under another prefix, and {@link
 * Trace#load} keeps such blocks apart.
 */
final class BailianReader implements TraceReader {
  private static final long NO_PARENT = -1;

  private final String name;
  private final JsonRecords json;
  private final ChainRules rules;
  private final SessionIds sessions = new SessionIds();

  BailianReader(Path file, TraceInput input, int blockTokens) {
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
    double seconds = -1;
    int input = -1;
    int output = -1;
    long chat = -1;
    long parent = NO_PARENT;
    boolean chain = false;
    for (String field; (field = json.nextField()) != null; ) {
      switch (field) {
        case "chat_id" -> chat = json.whole(field, 0, Long.MAX_VALUE);
        case "parent_chat_id" -> parent = json.whole(field, NO_PARENT, Long.MAX_VALUE);
        case "timestamp" -> seconds = json.number(field, "seconds");
        case "input_length" -> input = json.count(field, 0);
        case "output_length" -> output = json.count(field, 0);
        case "turn" -> into.turn = Math.max(0, json.count(field, 0) - 1);
        case "hash_block_size" -> rules.checkBlockSize(json, field);
        case "hash_ids" -> {
          into.count = 0;
          json.ids(field, into);
          chain = true;
        }
        default -> json.skip();
      }
    }
    json.require(chat >= 0, "chat_id");
    json.require(seconds >= 0, "timestamp");
    json.require(input >= 0, "input_length");
    json.require(output >= 0, "output_length");
    json.require(chain, "hash_ids");
    rules.checkTime(json, seconds);
    rules.checkBlocks(json, "hash_ids", into.count, input);
    into.timeMillis = Seconds.toMillis(seconds);
    into.inputTokens = input;
    into.outputTokens = output;
    into.session = session(chat, parent);
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

  private int session(long chat, long parent) {
    if (parent == NO_PARENT) {
      return sessions.of(chat);
    }
    int session = sessions.of(parent);
    sessions.alias(chat, session);
    return session;
  }
}
