package org.kvcache.bench.herald;

import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The rows as JSON and CSV, with the same columns in both. */
final class AccuracyReport {

  private static final int SCHEMA_VERSION = 1;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private AccuracyReport() {}

  static String json(List<AccuracyRow> rows, String title, List<String> arguments) {
    ObjectNode document = MAPPER.createObjectNode().put("schemaVersion", SCHEMA_VERSION);
    arguments.forEach(document.putArray("generatedBy")::add);
    document.put("settings", title);
    document
        .putObject("units")
        .put("scheme", "as which K and V are stored, and after / as which keys are scored")
        .put("budget", "share of the prefix seen in each layer and KV head, 0 to 1")
        .put("oneBlocks", "share of right blocks; one needle in each, 0 to 1")
        .put("oneColumns", "share of their right tokens, 0 to 1")
        .put("twoBlocks", "share of right blocks; two needles in each, 0 to 1")
        .put("twoColumns", "share of their right tokens, 0 to 1")
        .put("oneKept", "share of full attention to the prefix that falls on the chosen, 0 to 1")
        .put("twoKept", "the same with two needles")
        .put("asked", "tokens of the block whose queries were scored for a choice, mean")
        .put("scannedKeys", "keys scored for a block, all layers and KV heads")
        .put("wantedPages", "pages chosen for a block, all layers and KV heads")
        .put("movedShare", "share of these that had to be moved to the device, 0 to 1")
        .put("hiddenShare", "share of the time to choose and move that no block waited for");
    document.set("results", MAPPER.valueToTree(rows));
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  static String csv(List<AccuracyRow> rows) {
    var text = new StringBuilder();
    for (AccuracyRow row : rows) {
      ObjectNode node = MAPPER.valueToTree(row);
      if (text.isEmpty()) {
        append(text, new ArrayList<>(node.propertyNames()));
      }
      append(text, node.values().stream().map(AccuracyReport::cell).toList());
    }
    return text.toString();
  }

  private static String cell(JsonNode value) {
    return value.isNull() ? "" : value.asString();
  }

  private static void append(StringBuilder text, List<String> cells) {
    text.append(CSVFormat.RFC4180.format(cells.toArray())).append("\r\n");
  }
}
