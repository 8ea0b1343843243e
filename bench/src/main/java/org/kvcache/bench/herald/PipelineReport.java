package org.kvcache.bench.herald;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The rows as JSON and CSV, with the same columns in both. */
final class PipelineReport {
  static final String BASIS = "a model, not measured; trust it to about ±30 %";

  private static final int SCHEMA_VERSION = 1;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private PipelineReport() {}

  static String json(List<PipelineRow> rows, String settings, List<String> arguments) {
    ObjectNode document = MAPPER.createObjectNode().put("schemaVersion", SCHEMA_VERSION);
    arguments.forEach(document.putArray("generatedBy")::add);
    document.put("basis", BASIS).put("settings", settings);
    document
        .putObject("units")
        .put("contextTokens", "tokens before the block")
        .put("keyBits", "bits per element of the scored keys")
        .put("reuse", "share of the set that is on the GPU already, 0 to 1")
        .put("pageTokens", "tokens gathered together")
        .put("batch", "sequences at once")
        .put("blockMillis", "ms from one block to the next")
        .put("tokensPerSecond", "tokens/s of the batch")
        .put("bound", "what decides the time: gpu, cpu, pcie or chain")
        .put("movedBytes", "bytes over the link for each block of the batch")
        .put("throughputRatio", "tokensPerSecond over the dense way's")
        .put("denseBatchBlockMillis", "ms from one block to the next at the dense way's batch")
        .put("latencyRatio", "the dense way's blockMillis over denseBatchBlockMillis")
        .put("reason", "why this way does not fit; null if it does");
    document.set("results", MAPPER.valueToTree(rows));
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  static String csv(List<PipelineRow> rows) {
    var text = new StringBuilder();
    for (PipelineRow row : rows) {
      ObjectNode node = MAPPER.valueToTree(row);
      if (text.isEmpty()) {
        append(text, new ArrayList<>(node.propertyNames()));
      }
      append(text, node.values().stream().map(PipelineReport::cell).toList());
    }
    return text.toString();
  }

  private static String cell(JsonNode value) {
    return value.isNull() ? "" : value.asString();
  }

  private static void append(StringBuilder text, List<? extends @Nullable Object> cells) {
    text.append(CSVFormat.RFC4180.format(cells.toArray())).append("\r\n");
  }
}
