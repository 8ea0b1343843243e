package org.kvcache.sim.trace;

import java.util.Arrays;
import tools.jackson.core.JsonGenerator;

/**
 * Writes what {@link BailianReader} reads. Chat ids are request numbers; a request links to the one
 * before it in its session, and one without a session stands alone.
 */
final class BailianWriter implements TraceWriter {
  private final JsonLinesOutput out;
  private final int blockTokens;
  private long[] lastChat = new long[64];
  private int[] turns = new int[64];
  private long chat;

  BailianWriter(OutputFile file, int blockTokens) {
    out = new JsonLinesOutput(file);
    this.blockTokens = blockTokens;
    Arrays.fill(lastChat, -1);
  }

  @Override
  public void write(Request request) {
    out.line(json -> writeLine(json, request));
  }

  @Override
  public void commit() {
    out.commit();
  }

  @Override
  public void close() {
    out.close();
  }

  private void writeLine(JsonGenerator json, Request request) {
    long parent = -1;
    int turn = Math.max(0, request.turn);
    int session = request.session;
    if (session != Request.NONE) {
      ensureRoom(session);
      parent = lastChat[session];
      lastChat[session] = chat;
      turn = (request.turn == Request.NONE) ? turns[session] : request.turn;
      turns[session]++;
    }
    json.writeStartObject();
    if (chat == 0) {
      json.writeNumberProperty("hash_block_size", blockTokens);
    }
    json.writeNumberProperty("chat_id", chat++);
    json.writeNumberProperty("parent_chat_id", parent);
    json.writeName("timestamp");
    json.writeNumber(Seconds.ofMillis(request.timeMillis));
    json.writeNumberProperty("input_length", request.inputTokens);
    json.writeNumberProperty("output_length", request.outputTokens);
    json.writeStringProperty("type", "text");
    json.writeNumberProperty("turn", turn + 1L);
    json.writeName("hash_ids");
    json.writeArray(request.ids, 0, request.count);
    json.writeEndObject();
  }

  private void ensureRoom(int session) {
    int old = lastChat.length;
    if (session >= old) {
      int capacity = Math.max(session + 1, old * 2);
      lastChat = Arrays.copyOf(lastChat, capacity);
      turns = Arrays.copyOf(turns, capacity);
      Arrays.fill(lastChat, old, capacity, -1);
    }
  }
}
