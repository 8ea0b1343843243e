package org.kvcache.sim.trace;

import tools.jackson.core.JsonGenerator;

/** Writes what {@link MooncakeReader} reads, with {@code hash_ids} or {@code hash_runs}. */
final class MooncakeWriter implements TraceWriter {
  private final JsonLinesOutput out;
  private final int blockTokens;
  private final boolean runs;
  private boolean first = true;

  MooncakeWriter(OutputFile file, int blockTokens, boolean runs) {
    out = new JsonLinesOutput(file);
    this.blockTokens = blockTokens;
    this.runs = runs;
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
    json.writeStartObject();
    // In front, so that a reader finds it however long the record; and only once, to save space.
    if (first) {
      json.writeNumberProperty("hash_block_size", blockTokens);
      first = false;
    }
    JsonLinesOutput.writeNumber(json, "timestamp", request.timeMillis);
    json.writeNumberProperty("input_length", request.inputTokens);
    json.writeNumberProperty("output_length", request.outputTokens);
    if (request.session != Request.NONE) {
      json.writeNumberProperty("session", request.session);
    }
    if (request.turn != Request.NONE) {
      json.writeNumberProperty("turn", request.turn);
    }
    if (runs) {
      writeRuns(json, request);
    } else {
      json.writeName("hash_ids");
      json.writeArray(request.ids, 0, request.count);
    }
    json.writeEndObject();
  }

  private static void writeRuns(JsonGenerator json, Request request) {
    json.writeArrayPropertyStart("hash_runs");
    long[] ids = request.ids;
    for (int start = 0, end; start < request.count; start = end) {
      end = start + 1;
      while (end < request.count && ids[end] == ids[end - 1] + 1) {
        end++;
      }
      json.writeNumber(ids[start]);
      json.writeNumber(end - start);
    }
    json.writeEndArray();
  }
}
