package org.kvcache.bench.serve;

import java.util.List;
import org.kvcache.TierStats;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The result for programs. */
final class ServeReport {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private ServeReport() {}

  static String json(ServeResult result, List<String> arguments) {
    ObjectNode root = MAPPER.createObjectNode().put("schema", 1);
    arguments.forEach(root.putArray("arguments")::add);
    root.put("scheme", result.scheme()).put("policy", result.policy());
    root.putObject("workload")
        .put("tenants", result.workload().tenants())
        .put("sessions", result.workload().sessions())
        .put("turns", result.workload().turns())
        .put("instructionTokens", result.workload().instructions())
        .put("seed", result.workload().seed());
    add(root.putObject("withoutCache"), result.without()).put("kvBytes", result.flatBytes());
    ObjectNode with = add(root.putObject("withCache"), result.with());
    with.put("memoryTokens", result.memoryTokens())
        .put("memoryBytes", result.stats().memoryBytes())
        .put("equalAnswers", result.with().equalTo(result.without()));
    ArrayNode tiers = with.putArray("tiers");
    for (TierStats tier : result.tiers()) {
      tiers
          .addObject()
          .put("name", tier.name())
          .put("loadedTokens", tier.loadedTokens())
          .put("storedBlocks", tier.storedBlocks())
          .put("droppedBlocks", tier.droppedBlocks())
          .put("bytes", tier.bytes());
    }
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static ObjectNode add(ObjectNode into, ServeRun run) {
    into.put("promptTokens", run.promptTokens())
        .put("computedTokens", run.computedTokens())
        .put("firstTokenP50Millis", run.firstTokenMillis(0.5))
        .put("firstTokenP99Millis", run.firstTokenMillis(0.99))
        .put("rightAnswers", run.right());
    ArrayNode requests = into.putArray("requests");
    for (ServeRun.Served one : run.served()) {
      requests
          .addObject()
          .put("tenant", one.request().tenant())
          .put("session", one.request().session())
          .put("turn", one.request().turn())
          .put("promptTokens", one.promptTokens())
          .put("computedTokens", one.computedTokens())
          .put("firstTokenMillis", one.firstTokenMillis())
          .put("right", one.isRight());
    }
    return into;
  }
}
