package org.kvcache.sim.trace;

import tools.jackson.core.JsonGenerator;

/**
 * Writes each request as a batch with one {@code BlockStored} of its whole chain, without token
 * ids. Storing a block again is idempotent for consumers of vLLM's events, and keeps every
 * reference where a real engine would be silent about hits.
 */
final class VllmEventsWriter implements TraceWriter {
  private final JsonLinesOutput out;
  private final int blockTokens;

  VllmEventsWriter(OutputFile file, int blockTokens) {
    out = new JsonLinesOutput(file);
    this.blockTokens = blockTokens;
  }

  @Override
  public void write(Request request) {
    if (request.count > 0) {
      out.line(json -> writeLine(json, request));
    }
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
    json.writeName("ts");
    json.writeNumber(Seconds.ofMillis(request.timeMillis));
    json.writeArrayPropertyStart("events");
    json.writeStartObject();
    json.writeStringProperty("type", "BlockStored");
    json.writeName("block_hashes");
    json.writeArray(request.ids, 0, request.count);
    json.writeNullProperty("parent_block_hash");
    json.writeArrayPropertyStart("token_ids");
    json.writeEndArray();
    json.writeNumberProperty("block_size", blockTokens);
    json.writeNullProperty("lora_id");
    json.writeStringProperty("medium", "GPU");
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
  }
}
