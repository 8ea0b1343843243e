package org.kvcache;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kvcache.safetensors.Safetensors;
import org.kvcache.safetensors.SafetensorsWriter;
import org.kvcache.safetensors.TensorInfo;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A {@link Calibration} on disk.
 *
 * @param json the file for people, which names the other
 * @param stem how the name of the file of numbers begins that {@link #save} writes
 */
record CalibrationFile(Path json, String stem) {

  private static final String FORMAT = "kvcache-calibration";
  private static final int VERSION = 1;
  private static final String ENDING = ".json";
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  static CalibrationFile of(Path json) {
    String name = String.valueOf(json.getFileName());
    if (!name.endsWith(ENDING) || name.length() == ENDING.length()) {
      throw new IllegalArgumentException(
          json + ": a calibration is a file whose name ends in " + ENDING);
    }
    return new CalibrationFile(json, name.substring(0, name.length() - ENDING.length()));
  }

  /**
   * Writes the numbers under the one of two names that the JSON does not have now, then the JSON,
   * and removes the other numbers: whoever dies in between leaves the old calibration or the new
   * one.
   */
  void save(Calibration calibration) {
    Path first = json.resolveSibling(stem + ".safetensors");
    Path second = json.resolveSibling(stem + "-2.safetensors");
    boolean firstInUse = names(first);
    Path tensors = firstInUse ? second : first;
    String sha256 = saveTensors(calibration, tensors);
    Calibration.Origin origin = calibration.origin();
    ObjectNode node = MAPPER.createObjectNode();
    node.put("format", FORMAT)
        .put("version", VERSION)
        .put("model", origin.model())
        .put("layers", calibration.layers())
        .put("kvHeads", calibration.kvHeads())
        .put("headDim", calibration.headDim())
        .put("scaleRule", origin.scaleRule())
        .put("keys", origin.keys())
        .put("queries", origin.queries())
        .put("values", origin.values())
        .put("skippedRows", origin.skippedRows())
        .put("tensors", String.valueOf(tensors.getFileName()))
        .put("sha256", sha256);
    String text = MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n";
    AtomicFile.write(json, out -> out.write(text.getBytes(UTF_8)));
    remove(firstInUse ? first : second);
  }

  /** True if the JSON, as it is now, names this file of numbers. */
  private boolean names(Path tensors) {
    try {
      return text(read(), "tensors").equals(String.valueOf(tensors.getFileName()));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      return false; // no calibration yet, or a broken one
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException ignored) {
      // The new calibration is there; an old file too many does no harm.
    }
  }

  Calibration load() {
    JsonNode node = read();
    if (!text(node, "format").equals(FORMAT)) {
      throw refused("format", "is '" + text(node, "format") + "', not '" + FORMAT + "'");
    }
    if (count(node, "version") != VERSION) {
      throw refused(
          "version",
          "is %d; this release reads %d, so calibrate again"
              .formatted(count(node, "version"), VERSION));
    }
    var origin =
        new Calibration.Origin(
            text(node, "model"),
            text(node, "scaleRule"),
            count(node, "keys"),
            count(node, "queries"),
            count(node, "values"),
            count(node, "skippedRows"));
    int layers = size(node, "layers");
    int kvHeads = size(node, "kvHeads");
    int headDim = size(node, "headDim");
    try (Safetensors numbers = Safetensors.open(named(text(node, "tensors")))) {
      if (!numbers.sha256().equals(text(node, "sha256"))) {
        throw refused(
            "sha256",
            "is not that of '%s'; the two files do not belong together, calibrate again"
                .formatted(text(node, "tensors")));
      }
      return new Calibration(layers, kvHeads, heads(numbers, layers, kvHeads, headDim), origin);
    }
  }

  private static String saveTensors(Calibration calibration, Path file) {
    int headDim = calibration.headDim();
    int heads = calibration.heads().size();
    float[] mean = new float[Math.multiplyExact(heads, headDim)];
    float[] scale = new float[mean.length];
    float[] signs = new float[mean.length];
    float[] valueScale = new float[heads];
    for (int i = 0; i < heads; i++) {
      HeadCalibration head = calibration.heads().get(i);
      System.arraycopy(head.mean(), 0, mean, i * headDim, headDim);
      System.arraycopy(head.scale(), 0, scale, i * headDim, headDim);
      System.arraycopy(head.signs(), 0, signs, i * headDim, headDim);
      valueScale[i] = head.valueScale();
    }
    int layers = calibration.layers();
    int kvHeads = calibration.kvHeads();
    return new SafetensorsWriter()
        .metadata("format", FORMAT)
        .add("mean", mean, layers, kvHeads, headDim)
        .add("scale", scale, layers, kvHeads, headDim)
        .add("signs", signs, layers, kvHeads, headDim)
        .add("value_scale", valueScale, layers, kvHeads)
        .write(file);
  }

  private static List<HeadCalibration> heads(
      Safetensors numbers, int layers, int kvHeads, int headDim) {
    float[] mean = floats(numbers, "mean", layers, kvHeads, headDim);
    float[] scale = floats(numbers, "scale", layers, kvHeads, headDim);
    float[] signs = floats(numbers, "signs", layers, kvHeads, headDim);
    float[] valueScale = floats(numbers, "value_scale", layers, kvHeads);
    List<HeadCalibration> heads = new ArrayList<>();
    for (int i = 0; i < valueScale.length; i++) {
      int from = i * headDim;
      int to = from + headDim;
      try {
        heads.add(
            new HeadCalibration(
                Arrays.copyOfRange(mean, from, to),
                Arrays.copyOfRange(scale, from, to),
                Arrays.copyOfRange(signs, from, to),
                valueScale[i]));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s: layer %d, KV head %d: %s"
                .formatted(numbers.file(), i / kvHeads, i % kvHeads, e.getMessage()),
            e);
      }
    }
    return heads;
  }

  private static float[] floats(Safetensors numbers, String name, long... shape) {
    TensorInfo info = numbers.info(name);
    List<Long> wanted = Arrays.stream(shape).boxed().toList();
    if (!info.dtype().equals("F32") || !info.shape().equals(wanted)) {
      throw new IllegalArgumentException(
          "%s: tensor '%s' is %s %s; by layers, kvHeads and headDim of the .json it is F32 %s"
              .formatted(numbers.file(), name, info.dtype(), info.shape(), wanted));
    }
    return numbers.floats(name);
  }

  private JsonNode read() {
    try {
      JsonNode node = MAPPER.readTree(Files.readString(json));
      if (!node.isObject()) {
        throw new IllegalArgumentException(json + ": holds no JSON object, so no calibration");
      }
      return node;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(json + ": is not UTF-8, so no calibration", e);
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException(json + ": does not exist", e);
    } catch (AccessDeniedException e) {
      throw new UncheckedIOException(json + ": may not be read; change its permissions", e);
    } catch (IOException e) {
      throw new UncheckedIOException(json + ": cannot be read (" + e.getMessage() + ")", e);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          json + ": is refused as JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The file of numbers as the JSON names it, so that a renamed pair is still found. */
  private Path named(String name) {
    if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.startsWith("..")) {
      throw refused("tensors", "is '" + name + "'; it is the name of a file in the same folder");
    }
    return json.resolveSibling(name);
  }

  private String text(JsonNode node, String field) {
    if (!node.path(field).isString()) {
      throw refused(field, "is not there or no string; calibrate again or mend it");
    }
    return node.path(field).stringValue();
  }

  private long count(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw refused(field, "is not there or no integer of 0 or more; calibrate again or mend it");
    }
    return value.longValue();
  }

  private int size(JsonNode node, String field) {
    long value = count(node, field);
    if (value < 1 || value > Integer.MAX_VALUE) {
      throw refused(field, "is " + value + "; it is at least 1 and an int");
    }
    return (int) value;
  }

  private IllegalArgumentException refused(String field, String sentence) {
    return new IllegalArgumentException(json + ": field '" + field + "' " + sentence);
  }
}
