package org.kvcache.bench.quality;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Results as JSON and CSV, with the same columns in both. */
final class QualityReport {
  private static final int SCHEMA_VERSION = 1;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private QualityReport() {}

  /** The results of schemes, with what they were measured on. */
  static String json(
      List<QualityResult> results, QualitySettings settings, List<String> arguments) {
    ObjectNode document = document(arguments);
    document.set("settings", MAPPER.valueToTree(settings));
    document
        .putObject("units")
        .put("headDim", "elements of a row")
        .put("heads", "heads measured; the errors are medians over them")
        .put("keyBits", "stored bits per element of K, scales and all")
        .put("valueBits", "stored bits per element of V")
        .put("bits", "mean of keyBits and valueBits")
        .put("outputError", "median over queries of |o - exact| / |exact|, o attention's output")
        .put("logitError", "root mean square, less each query's mean error")
        .put("keyError", "sum |k - exact|^2 / sum |exact|^2, in the model's basis")
        .put("valueError", "sum |v - exact|^2 / sum |exact|^2")
        .put("keyCosine", "mean over tokens, -1 to 1");
    var rows = document.putArray("results");
    for (QualityResult result : results) {
      ObjectNode row =
          rows.addObject()
              .put("scheme", result.scheme())
              .put("calibrated", result.calibrated())
              .put("distribution", result.distribution())
              .put("headDim", result.headDim())
              .put("heads", result.heads())
              .put("keyBits", result.bits().keys())
              .put("valueBits", result.bits().values())
              .put("bits", result.bits().mean());
      for (Measure measure : Measure.values()) {
        row.put(measure.field(), measure.of(result.quality()));
      }
    }
    return text(document);
  }

  /** The results of schemes, a line each. */
  static String csv(List<QualityResult> results) {
    var text = new StringBuilder();
    var columns =
        new ArrayList<Object>(
            List.of(
                "scheme",
                "calibrated",
                "distribution",
                "headDim",
                "heads",
                "keyBits",
                "valueBits",
                "bits"));
    Arrays.stream(Measure.values()).map(Measure::field).forEach(columns::add);
    append(text, columns);
    for (QualityResult result : results) {
      var row =
          new ArrayList<Object>(
              List.of(
                  result.scheme(),
                  result.calibrated(),
                  result.distribution(),
                  result.headDim(),
                  result.heads(),
                  result.bits().keys(),
                  result.bits().values(),
                  result.bits().mean()));
      Arrays.stream(Measure.values())
          .map(measure -> measure.of(result.quality()))
          .forEach(row::add);
      append(text, row);
    }
    return text.toString();
  }

  /** The results of formats. */
  static String formatsJson(List<FormatStudy.Result> results, List<String> arguments) {
    ObjectNode document = document(arguments);
    document
        .putObject("units")
        .put("headDim", "elements of a row")
        .put("rowGroup", "tokens encoded together")
        .put("bits", "stored bits per element, scales and all")
        .put("relativeError", "sum |x' - x|^2 / sum |x|^2 of standard normal rows")
        .put("cosine", "mean over rows, -1 to 1");
    document.set("results", MAPPER.valueToTree(results));
    return text(document);
  }

  /** The results of formats, a line each. */
  static String formatsCsv(List<FormatStudy.Result> results) {
    var text = new StringBuilder();
    append(text, List.of("format", "headDim", "rowGroup", "bits", "relativeError", "cosine"));
    for (FormatStudy.Result result : results) {
      append(
          text,
          List.of(
              result.format(),
              result.headDim(),
              result.rowGroup(),
              result.bits(),
              result.relativeError(),
              result.cosine()));
    }
    return text.toString();
  }

  private static ObjectNode document(List<String> arguments) {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("schemaVersion", SCHEMA_VERSION);
    var generatedBy = document.putArray("generatedBy");
    arguments.forEach(generatedBy::add);
    return document;
  }

  private static String text(ObjectNode document) {
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  private static void append(StringBuilder text, List<Object> values) {
    text.append(CSVFormat.RFC4180.format(values.toArray())).append("\r\n");
  }
}
