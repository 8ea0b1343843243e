package org.kvcache.sim.cli;

import java.util.List;
import java.util.Locale;
import org.kvcache.sim.cost.Calibration;
import org.kvcache.sim.cost.FitErrors;
import org.kvcache.sim.cost.FittedFactor;
import org.kvcache.sim.cost.MeasuredPass;
import org.kvcache.sim.cost.Prediction;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A calibration as a JSON document with a schema version and units. */
final class CalibrationReport {
  private static final int SCHEMA_VERSION = 1;
  private static final double MILLIS = 1e3;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private CalibrationReport() {}

  static String json(Calibration calibration, CalibrationSetting setting, List<String> arguments) {
    ObjectNode document = MAPPER.createObjectNode().put("schemaVersion", SCHEMA_VERSION);
    document.put("kvcacheVersion", Version.kvcache());
    arguments.forEach(document.putArray("generatedBy")::add);
    document
        .put("model", setting.model().name())
        .put("device", setting.device().name())
        .put("tensorParallel", setting.gpus())
        .put("kvBits", setting.model().kvBits())
        .put("seed", setting.seed());
    document
        .putObject("units")
        .put("tensorParallel", "devices that share each layer")
        .put("kvBits", "bits of a stored element of keys and values")
        .put("gemmEfficiency", "share of the operations, 0 to 1")
        .put("bandwidthEfficiency", "share of the bandwidth, 0 to 1")
        .put("attentionEfficiency", "share of the operations, 0 to 1")
        .put("layerMicros", "microseconds of a layer and pass")
        .put("standardError", "of after, in its unit, to first order; 0 if the factor is kept")
        .put("median", "absolute error over the measured time; p90, max and presetMedian too")
        .put("measuredMillis", "ms of a pass; predictedMillis and presetMillis too")
        .put("error", "predictedMillis over measuredMillis, less 1");
    ArrayNode factors = document.putArray("factors");
    calibration.factors().forEach(factor -> add(factors.addObject(), factor));
    ArrayNode errors = document.putArray("errors");
    ErrorGroup.of(calibration).forEach(group -> add(errors.addObject(), group));
    ArrayNode points = document.putArray("points");
    calibration.points().forEach(point -> add(points.addObject(), point));
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  private static void add(ObjectNode node, FittedFactor factor) {
    node.put("factor", factor.factor().field())
        .put("before", factor.factor().inFile(factor.before()))
        .put("after", factor.factor().inFile(factor.after()))
        .put("standardError", factor.factor().inFile(factor.standardError()))
        .put("verdict", factor.verdict().name().toLowerCase(Locale.ROOT))
        .put("remark", factor.remark());
  }

  private static void add(ObjectNode node, ErrorGroup group) {
    FitErrors errors = group.errors();
    node.put("heldBack", group.heldBack())
        .put("phase", group.phase())
        .put("points", errors.points())
        .put("median", errors.median())
        .put("p90", errors.p90())
        .put("max", errors.max())
        .put("presetMedian", errors.presetMedian());
  }

  private static void add(ObjectNode node, Prediction point) {
    MeasuredPass.Shape shape = point.pass().shape();
    node.put("line", point.pass().line())
        .put("phase", ErrorGroup.name(shape.phase()))
        .put("batch", shape.batch())
        .put("newTokens", shape.newTokens())
        .put("contextTokens", shape.context())
        .put("heldBack", point.heldBack())
        .put("measuredMillis", point.pass().seconds() * MILLIS)
        .put("predictedMillis", point.seconds() * MILLIS)
        .put("presetMillis", point.presetSeconds() * MILLIS)
        .put("error", point.error());
  }
}
