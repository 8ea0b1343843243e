package org.kvcache.sim.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.commons.csv.CSVFormat;
import org.kvcache.sim.capacity.Observation;
import org.kvcache.sim.capacity.Probe;
import org.kvcache.sim.trace.Trace;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Searches for capacity as data. */
final class CapacityReport {
  private static final int SCHEMA_VERSION = 1;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private CapacityReport() {}

  /** Every probe of every search. */
  static String json(
      List<CapacityAnswer> answers,
      Trace trace,
      CapacityRun.Settings settings,
      List<String> arguments) {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("schemaVersion", SCHEMA_VERSION);
    document.put("kvcacheVersion", Version.kvcache());
    ArrayNode words = document.putArray("generatedBy");
    arguments.forEach(words::add);
    document.put("basis", "simulated with a cost model, not measured");
    document.putObject("trace").put("name", trace.name()).put("digest", trace.digest());
    document.put("slo", settings.slo().toString());
    document.put("sought", settings.sought().label());
    document.put("levelUnit", unit(settings.sought()));
    ArrayNode rows = document.putArray("searches");
    answers.forEach(answer -> add(rows.addObject(), answer));
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  private static void add(ObjectNode node, CapacityAnswer answer) {
    node.put("config", CapacityText.name(answer))
        .put("model", answer.config().model().name())
        .put("device", answer.config().device().name())
        .put("policy", answer.config().policy())
        .put("kvBits", answer.config().model().kvBits())
        .put("warmUpWindows", answer.firstWindow())
        .put("windows", answer.windows())
        .put("stop", answer.finding().stop().name().toLowerCase(Locale.ROOT))
        .put("why", answer.finding().why(level -> CapacityText.level(answer, level)));
    answer.finding().answer().ifPresent(probe -> node.put("level", probe.level()));
    ArrayNode probes = node.putArray("probes");
    for (Probe probe : answer.finding().probes()) {
      ObjectNode row = probes.addObject();
      row.put("level", probe.level()).put("holds", probe.holds());
      put(row, "strain", probe.strain());
      ObjectNode seconds = row.putObject("seconds");
      for (Observation seen : probe.verdict().overall()) {
        put(seconds, seen.objective().name(), seen.seconds());
      }
      ArrayNode leftOut = row.putArray("windowsLeftOut");
      probe.verdict().leftOut().forEach(window -> leftOut.add(window + answer.firstWindow()));
    }
  }

  /** What never ended has no number. */
  private static void put(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else {
      node.putNull(name);
    }
  }

  private static String unit(Sought sought) {
    return switch (sought) {
      case RATE -> "requests/s";
      case DEVICES -> "replicas";
      case CACHE -> "bytes of each replica";
    };
  }

  /** One line for each probe. */
  static String csv(List<CapacityAnswer> answers) {
    var text = new StringBuilder();
    append(text, "config", "sought", "probe", "level", "holds", "strain", "observed", "leftOut");
    for (CapacityAnswer answer : answers) {
      int number = 0;
      for (Probe probe : answer.finding().probes()) {
        append(
            text,
            CapacityText.name(answer),
            answer.sought().label(),
            ++number,
            probe.level(),
            probe.holds(),
            probe.strain(),
            probe.verdict().overall().stream()
                .map(seen -> seen.objective().name() + "=" + seen.seconds())
                .collect(Collectors.joining(" ")),
            probe.verdict().leftOut().size());
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Object... values) {
    text.append(CSVFormat.RFC4180.format(values)).append("\r\n");
  }
}
