package org.kvcache.sim.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.commons.csv.CSVFormat;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.JsonReport;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Batches as JSON with a schema version and units, and as CSV after RFC 4180. */
final class BatchReport {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private static final Map<String, String> COLUMNS = new LinkedHashMap<>();

  static {
    COLUMNS.put("trace", "name");
    COLUMNS.put("policy", "name, or the bounds opt and infinite");
    COLUMNS.put("order", "name");
    COLUMNS.put("capacityBlocks", "blocks");
    COLUMNS.put("requests", "requests");
    COLUMNS.put("refused", "requests, longer than the cache; they count nowhere else");
    COLUMNS.put("promptTokens", "tokens");
    COLUMNS.put("cachedTokens", "prompt tokens found when their request began");
    COLUMNS.put("tokenHitRate", "fraction of promptTokens, 0 to 1");
    COLUMNS.put("computedTokens", "prompt tokens, again after a preemption included");
    COLUMNS.put("preemptions", "times that a request gave way");
    COLUMNS.put("makespanSeconds", "s from the begin to the last token");
    COLUMNS.put("makespanOfLruArrival", "makespanSeconds over that of lru in arrival order");
    COLUMNS.put("tokenHitRateBelowOpt", "tokenHitRate of opt in the same order less this one's");
    COLUMNS.put("makespanOfOpt", "makespanSeconds over that of opt in the same order");
  }

  private BatchReport() {}

  /** One document. */
  static String json(List<BatchTable> tables, BatchPlan plan, List<String> arguments) {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("schemaVersion", JsonReport.SCHEMA_VERSION);
    document.put("kvcacheVersion", Version.kvcache());
    ArrayNode generatedBy = document.putArray("generatedBy");
    arguments.forEach(generatedBy::add);
    document.put("seed", plan.seed());
    document.put("model", plan.model().name());
    document.put("device", plan.device().name());
    document.put("kvBytesPerToken", plan.model().kvBytesPerToken());
    ObjectNode units = document.putObject("units");
    COLUMNS.forEach(units::put);
    ArrayNode rows = document.putArray("results");
    for (BatchTable table : tables) {
      for (BatchResult result : table.results()) {
        rows.add(MAPPER.<ObjectNode>valueToTree(row(table, result)));
      }
    }
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  /** One line per batch. */
  static String csv(List<BatchTable> tables) {
    var text = new StringBuilder();
    append(text, COLUMNS.keySet().toArray());
    for (BatchTable table : tables) {
      for (BatchResult result : table.results()) {
        append(text, row(table, result).values().toArray());
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, @Nullable Object[] values) {
    text.append(CSVFormat.RFC4180.format(values)).append("\r\n");
  }

  /** By column; null where there is no OPT to compare with. */
  private static Map<String, @Nullable Object> row(BatchTable table, BatchResult result) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("trace", result.trace());
    row.put("policy", result.cell().policy());
    row.put("order", result.cell().order().label());
    row.put("capacityBlocks", result.capacityBlocks());
    row.put("requests", result.requests());
    row.put("refused", result.refused());
    row.put("promptTokens", result.promptTokens());
    row.put("cachedTokens", result.cachedTokens());
    row.put("tokenHitRate", result.tokenHitRate());
    row.put("computedTokens", result.computedTokens());
    row.put("preemptions", result.preemptions());
    row.put("makespanSeconds", result.makespanSeconds());
    row.put("makespanOfLruArrival", table.ofBaseline(result));
    row.put("tokenHitRateBelowOpt", orNull(table.belowOptimum(result)));
    row.put("makespanOfOpt", orNull(table.ofOptimum(result)));
    return row;
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isEmpty() ? null : value.getAsDouble();
  }
}
