package org.kvcache.sim.report;

import java.util.Map;
import org.kvcache.sim.RunResult;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Results as a JSON document with a schema version and units. */
public final class JsonReport {
  /** Raised when a field changes its meaning or goes. */
  public static final int SCHEMA_VERSION = 1;

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private JsonReport() {}

  /** The whole document. */
  public static String document(Results results) {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("schemaVersion", SCHEMA_VERSION);
    document.put("kvcacheVersion", results.header().version());
    ArrayNode arguments = document.putArray("generatedBy");
    results.header().arguments().forEach(arguments::add);
    document.put("seed", results.header().settings().seed());
    Double accuracy = results.header().settings().hintAccuracy();
    if (accuracy != null) {
      document.put("hintAccuracy", accuracy);
    }
    document.put("complete", results.complete());
    ArrayNode traces = document.putArray("traces");
    results.traces().forEach(trace -> add(traces.addObject(), trace.trace()));
    addUnits(document.putObject("units"));
    ArrayNode rows = document.putArray("results");
    results.traces().stream()
        .flatMap(trace -> trace.results().stream())
        .forEach(result -> add(rows.addObject(), result));
    ArrayNode failures = document.putArray("failures");
    for (Failure failure : results.failures()) {
      failures
          .addObject()
          .put("trace", failure.trace())
          .put("policy", failure.policy())
          .put("capacity", failure.capacity())
          .put("message", failure.message());
    }
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  /** What documents say about a trace. */
  public static void add(ObjectNode node, TraceInfo trace) {
    node.put("name", trace.name())
        .put("source", trace.source())
        .put("digest", trace.digest())
        .put("requests", trace.requests())
        .put("blockRefs", trace.blockRefs())
        .put("uniqueBlocks", trace.uniqueBlocks())
        .put("blockTokens", trace.blockTokens())
        .put("infiniteHitRate", trace.infiniteHitRate());
  }

  private static void add(ObjectNode node, RunResult result) {
    node.put("trace", result.trace())
        .put("policy", result.policy())
        .put("mode", result.mode())
        .put("window", result.window())
        .put("capacityBlocks", result.capacityBlocks())
        .put("requests", result.requests())
        .put("blockRefs", result.blockRefs())
        .put("blockHits", result.blockHits())
        .put("blockHitRate", result.blockHitRate())
        .put("tokenRefs", result.tokenRefs())
        .put("tokenHits", result.tokenHits())
        .put("tokenHitRate", result.tokenHitRate())
        .put("evictions", result.evictions())
        .put("seconds", result.seconds())
        .put("refsPerSecond", result.refsPerSecond());
    if (!result.states().isEmpty()) {
      addStates(node.putArray("states"), result);
    }
  }

  private static void addStates(ArrayNode states, RunResult result) {
    for (RunResult.StatePoint point : result.states()) {
      ObjectNode node = states.addObject();
      node.put("request", point.request())
          .put("timeMillis", point.timeMillis())
          .put("blockHitRate", point.blockHitRate());
      ObjectNode state = node.putObject("state");
      for (Map.Entry<String, Double> entry : point.state().entrySet()) {
        state.put(entry.getKey(), entry.getValue());
      }
    }
  }

  private static void addUnits(ObjectNode units) {
    units
        .put("blockTokens", "tokens per block")
        .put("capacityBlocks", "blocks; of 'infinite', all unique blocks")
        .put("window", "requests at once; 0 is one after the other")
        .put("requests", "requests")
        .put("blockRefs", "blocks")
        .put("blockHits", "blocks")
        .put("blockHitRate", "fraction of blockRefs, 0 to 1")
        .put("infiniteHitRate", "fraction of blockRefs, 0 to 1")
        .put("tokenRefs", "prompt tokens")
        .put("tokenHits", "prompt tokens")
        .put("tokenHitRate", "fraction of tokenRefs, 0 to 1")
        .put("evictions", "blocks")
        .put("seconds", "s of replay, without reading the trace")
        .put("refsPerSecond", "blocks/s");
  }
}
