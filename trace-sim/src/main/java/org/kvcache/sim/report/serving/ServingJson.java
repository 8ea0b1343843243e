package org.kvcache.sim.report.serving;

import java.util.Arrays;
import org.kvcache.sim.metrics.Interval;
import org.kvcache.sim.report.serving.ServingResults.ConfigResults;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.serving.TierSize;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Results as a JSON document with a schema version and units. */
public final class ServingJson {
  private static final int SCHEMA_VERSION = 1;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private ServingJson() {}

  /** The whole document. */
  public static String document(ServingResults results) {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("schemaVersion", SCHEMA_VERSION);
    document.put("kvcacheVersion", results.version());
    results.command().forEach(document.putArray("generatedBy")::add);
    document.put("basis", "simulated with a cost model, not measured");
    document.put("load", results.load());
    document.put("confidence", results.confidence());
    document
        .putObject("trace")
        .put("name", results.trace().name())
        .put("source", results.trace().source())
        .put("digest", results.trace().digest())
        .put("requests", results.trace().requests())
        .put("blockTokens", results.trace().blockTokens());
    ObjectNode units = document.putObject("units");
    for (ServingFigure figure : ServingFigure.values()) {
      units.put(figure.field(), figure.unit().text());
    }
    ArrayNode configs = document.putArray("configs");
    results.configs().forEach(config -> add(configs.addObject(), config, results.confidence()));
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  private static void add(ObjectNode node, ConfigResults results, double confidence) {
    ServingConfig config = results.runs().getFirst().run().config();
    node.put("label", results.label())
        .put("model", config.model().name())
        .put("device", config.device().name())
        .put("gpus", config.gpus())
        .put("replicas", config.replicas())
        .put("policy", config.policy())
        .put("kvBits", config.model().kvBits())
        .put("decoding", config.decoding().toString())
        .put("slots", results.runs().getFirst().run().totals().slots());
    ObjectNode intervals = node.putObject("intervals");
    for (ServingFigure figure : ServingFigure.values()) {
      double[] values = results.values(figure);
      if (values.length > 1 && Arrays.stream(values).allMatch(Double::isFinite)) {
        Interval interval = Interval.of(values, confidence);
        ObjectNode one = intervals.putObject(figure.field());
        put(one, "low", interval.low());
        put(one, "mean", interval.mean());
        put(one, "high", interval.high());
      }
    }
    ArrayNode runs = node.putArray("runs");
    results.runs().forEach(run -> add(runs.addObject(), run));
  }

  private static void add(ObjectNode node, ServingSummary summary) {
    node.put("seed", summary.run().seed())
        .put("settled", summary.settled())
        .put("warmUpWindows", summary.firstWindow())
        .put("requests", summary.all().requests())
        .put("passes", summary.run().totals().passes())
        .put("simulatedSeconds", summary.run().totals().seconds());
    ObjectNode figures = node.putObject("figures");
    for (ServingFigure figure : ServingFigure.values()) {
      put(figures, figure.field(), figure.of(summary));
    }
    ArrayNode rounds = node.putArray("rounds");
    summary.rounds().forEach(group -> add(rounds.addObject(), group));
    ArrayNode windows = node.putArray("windows");
    summary.windows().forEach(group -> add(windows.addObject(), group));
  }

  private static void add(ObjectNode node, RequestGroup group) {
    node.put("label", group.label()).put("requests", group.requests());
    put(node, "meanArrival", group.meanArrival());
    for (int percent : new int[] {50, 90, 99}) {
      put(node, "ttftP" + percent, group.timeToFirstToken().at(percent));
      put(node, "itlP" + percent, group.gaps().seconds(percent));
    }
    node.put("hitGpu", group.cachedShare())
        .put("hitHost", group.restoredShare(TierSize.Place.HOST))
        .put("hitDisk", group.restoredShare(TierSize.Place.DISK))
        .put("hitRemote", group.restoredShare(TierSize.Place.REMOTE));
  }

  /** What has no value has no number. */
  private static void put(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }
}
