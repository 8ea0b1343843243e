package org.kvcache.sim.report.serving;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.metrics.Interval;
import org.kvcache.sim.report.JsonReport;
import org.kvcache.sim.serving.RequestGroup;
import org.kvcache.sim.serving.ServingRun;
import org.kvcache.sim.serving.ServingSummary;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Results as a JSON document with a schema and units. What has no figure is null. */
public final class ServingJson {
  /** Name of the schema. */
  public static final String SCHEMA = "kvcache-serving";

  /** Raised when a field changes its meaning or goes. */
  public static final int SCHEMA_VERSION = 1;

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private ServingJson() {}

  /** The whole document. */
  public static String document(ServingResults results) {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("schema", SCHEMA).put("schemaVersion", SCHEMA_VERSION);
    document.put("kvcacheVersion", results.note().version());
    ArrayNode arguments = document.putArray("generatedBy");
    results.note().command().forEach(arguments::add);
    document.put("basis", "simulated with a cost model, not measured");
    document.put("load", results.note().load());
    document.put("confidence", results.note().confidence());
    JsonReport.add(document.putObject("trace"), results.trace());
    addFigures(document.putObject("figures"));
    addUnits(document.putObject("units"));
    ArrayNode configs = document.putArray("configs");
    for (ConfigResults config : results.configs()) {
      add(configs.addObject(), results, config);
    }
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  private static void addFigures(ObjectNode figures) {
    for (ServingFigure figure : ServingFigure.values()) {
      figures
          .putObject(figure.key())
          .put("title", figure.title())
          .put("unit", figure.unit().label())
          .put("better", figure.better().name().toLowerCase(Locale.ROOT))
          .put(
              "over",
              switch (figure.scope()) {
                case GROUP, SETTLED -> "requests that count";
                case WHOLE_RUN -> "whole run, warm-up included";
              });
    }
  }

  private static void addUnits(ObjectNode units) {
    units
        .put("requests", "requests that were answered")
        .put("meanArrivalSeconds", "s from the begin of the run")
        .put("firstWindow", "the first window that counts, from 0")
        .put("requestsLeftOut", "requests of the windows before it, refused ones included")
        .put("inputTokens", "prompt tokens")
        .put("cachedTokens", "prompt tokens found on the GPU")
        .put("slots", "blocks of the cache of a replica")
        .put("seconds", "s from the first arrival to the last token")
        .put("passes", "passes of the model, all replicas")
        .put("operations", "floating-point operations of passes")
        .put("memoryBytes", "bytes that passes read from GPU memory")
        .put("ratioToFirst", "geometric mean over seeds of the ratio to the first config");
  }

  private static void add(ObjectNode node, ServingResults results, ConfigResults config) {
    node.put("label", config.label());
    node.set("settings", ConfigJson.settings(MAPPER, config.runs().getFirst().run()));
    ObjectNode intervals = node.putObject("intervals");
    ObjectNode ratios = node.putObject("ratioToFirst");
    for (ServingFigure figure : ServingFigure.values()) {
      add(
          intervals.putObject(figure.key()),
          config.interval(figure::of, results.note().confidence()));
      Optional<Interval> ratio = results.ratioToFirst(config, figure);
      if (ratio.isPresent()) {
        add(ratios.putObject(figure.key()), ratio.get());
      } else {
        ratios.putNull(figure.key());
      }
    }
    ArrayNode runs = node.putArray("runs");
    config.runs().forEach(run -> add(runs.addObject(), run));
  }

  private static void add(ObjectNode node, Interval interval) {
    put(node, "low", interval.low());
    put(node, "mean", interval.mean());
    put(node, "high", interval.high());
    node.put("count", interval.count());
  }

  private static void add(ObjectNode node, ServingSummary summary) {
    ServingRun run = summary.run();
    ServingRun.Totals totals = run.totals();
    node.put("seed", run.seed())
        .put("settled", summary.settled())
        .put("firstWindow", summary.firstWindow())
        .put("requestsLeftOut", run.windows().first(summary.firstWindow()))
        .put("requests", summary.all().requests())
        .put("slots", totals.slots());
    put(node, "seconds", totals.seconds());
    node.put("passes", totals.passes());
    put(node, "operations", totals.operations());
    put(node, "memoryBytes", totals.memoryBytes());
    ObjectNode figures = node.putObject("figures");
    for (ServingFigure figure : ServingFigure.values()) {
      put(figures, figure.key(), figure.number(figure.of(summary)));
    }
    add(node.putArray("rounds"), "round", summary.rounds());
    add(node.putArray("windows"), "window", summary.windows());
  }

  private static void add(ArrayNode nodes, String name, List<RequestGroup> groups) {
    for (RequestGroup group : groups) {
      ObjectNode node = nodes.addObject();
      node.put(name, group.label()).put("requests", group.requests());
      put(node, "meanArrivalSeconds", group.meanArrival());
      node.put("inputTokens", group.inputTokens()).put("cachedTokens", group.cachedTokens());
      for (ServingFigure figure : ServingFigure.values()) {
        if (figure.scope() == ServingFigure.Scope.GROUP) {
          put(node, figure.key(), figure.number(figure.of(group)));
        }
      }
    }
  }

  private static void put(ObjectNode node, String name, double value) {
    put(node, name, Double.isFinite(value) ? (Double) value : null);
  }

  private static void put(ObjectNode node, String name, @Nullable Number value) {
    switch (value) {
      case null -> node.putNull(name);
      case Long whole -> node.put(name, whole.longValue());
      default -> node.put(name, value.doubleValue());
    }
  }
}
