package org.kvcache.sim.cli;

import java.util.List;
import org.kvcache.sim.reproduce.Claim;
import org.kvcache.sim.reproduce.StudyResult;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Published figures beside ours as data. */
final class ReproduceReport {
  private static final int SCHEMA_VERSION = 1;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private ReproduceReport() {}

  static String json(List<StudyResult> results, List<String> arguments) {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("schemaVersion", SCHEMA_VERSION);
    document.put("kvcacheVersion", Version.kvcache());
    ArrayNode words = document.putArray("generatedBy");
    arguments.forEach(words::add);
    document.put("basis", "simulated with a cost model, not measured");
    ArrayNode studies = document.putArray("studies");
    for (StudyResult result : results) {
      ObjectNode study = studies.addObject().put("title", result.title());
      result.assumptions().forEach(study.putArray("assumptions")::add);
      result.columns().forEach(study.putArray("columns")::add);
      ArrayNode rows = study.putArray("rows");
      result.rows().forEach(row -> row.forEach(rows.addArray()::add));
      ArrayNode claims = study.putArray("claims");
      result.claims().forEach(claim -> add(claims.addObject(), claim));
    }
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  private static void add(ObjectNode node, Claim claim) {
    node.put("what", claim.what())
        .put("unit", claim.unit())
        .put("published", claim.published())
        .put("ours", claim.ours())
        .put("least", claim.least())
        .put("most", claim.most())
        .put("sameDirection", claim.sameDirection())
        .put("setting", claim.setting())
        .put("difference", claim.difference());
  }
}
