package org.kvcache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.kvcache.spi.TierProvider;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A {@link KvCacheConfig} as JSON; the fields are named as the builder's methods. */
final class KvCacheConfigFile {

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .build();

  private final Path file;
  private final KvCacheConfig.Builder builder = KvCacheConfig.builder();

  private KvCacheConfigFile(Path file) {
    this.file = file;
  }

  static KvCacheConfig read(Path json) {
    return new KvCacheConfigFile(json).config();
  }

  private KvCacheConfig config() {
    JsonNode root = parse();
    if (!root.isObject()) {
      throw refused("the whole file", "is not an object in braces");
    }
    for (Map.Entry<String, JsonNode> field : root.properties()) {
      try {
        apply(field.getKey(), field.getValue());
      } catch (IllegalArgumentException e) {
        throw e instanceof Refused ? e : refused(field.getKey(), String.valueOf(e.getMessage()));
      }
    }
    try {
      return builder.build();
    } catch (IllegalArgumentException e) {
      throw new Refused(file + ": " + e.getMessage());
    }
  }

  private JsonNode parse() {
    try {
      return MAPPER.readTree(Files.readString(file));
    } catch (JacksonException e) {
      throw new Refused(file + ": not JSON: " + e.getOriginalMessage());
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private void apply(String name, JsonNode value) {
    switch (name) {
      case "model" -> builder.model(text(name, value));
      case "shape" -> builder.shape(shape(value));
      case "blockTokens" -> builder.blockTokens(integer(name, value));
      case "memory" -> builder.memory(bytes(name, value));
      case "scheme" -> builder.scheme(text(name, value));
      case "calibration" -> builder.calibration(Calibration.load(beside(text(name, value))));
      case "policy" -> builder.policy(text(name, value));
      case "hasher" -> builder.hasher(text(name, value));
      case "backend" -> builder.backend(text(name, value));
      case "windows" -> builder.windows(windows(value));
      case "logitScale" -> builder.logitScale((float) number(name, value));
      case "staged" -> builder.staged(truth(name, value));
      case "watermark" -> builder.watermark(number(name, value));
      case "tiers" -> tiers(value);
      case "spareBlocks" -> builder.spareBlocks(integer(name, value));
      case "retrieval" -> builder.retrieval(retrieval(value));
      case "promotionTimeout" -> builder.promotionTimeout(duration(name, value));
      case "whatIf" -> builder.whatIf(truth(name, value));
      case "leakDetection" -> builder.leakDetection(leakDetection(name, value));
      case "seed" -> builder.seed(longInteger(name, value));
      default ->
          throw refused(
              name,
              "is unknown; known are model, shape, blockTokens, memory, scheme, calibration,"
                  + " policy, hasher, backend, windows, logitScale, staged, watermark, tiers,"
                  + " spareBlocks, retrieval, promotionTimeout, whatIf, leakDetection and seed");
    }
  }

  private KvShape shape(JsonNode value) {
    check("shape", value, "layers", "kvHeads", "headDim", "queryHeads");
    return KvShape.of(
        integer("shape.layers", value.path("layers")),
        integer("shape.kvHeads", value.path("kvHeads")),
        integer("shape.headDim", value.path("headDim")),
        integer("shape.queryHeads", value.path("queryHeads")));
  }

  private List<AttentionWindow> windows(JsonNode value) {
    if (!value.isArray()) {
      throw refused("windows", "is not a list with one entry for each layer");
    }
    var windows = new ArrayList<AttentionWindow>();
    for (JsonNode entry : value) {
      if (entry.isString() && entry.asString().equals("all")) {
        windows.add(AttentionWindow.ALL);
      } else {
        check("windows", entry, "sinks", "window");
        int sinks = entry.has("sinks") ? integer("windows.sinks", entry.path("sinks")) : 0;
        windows.add(new AttentionWindow(sinks, integer("windows.window", entry.path("window"))));
      }
    }
    return windows;
  }

  private void tiers(JsonNode value) {
    if (!value.isArray()) {
      throw refused("tiers", "is not a list");
    }
    for (JsonNode entry : value) {
      if (!entry.isObject()) {
        throw refused("tiers", "has an entry that is not an object in braces");
      }
      var settings = new LinkedHashMap<String, String>();
      for (Map.Entry<String, JsonNode> field : entry.properties()) {
        if (field.getValue().isContainer()) {
          throw refused("tiers." + field.getKey(), "is not a text, number or truth value");
        }
        settings.put(field.getKey(), field.getValue().asString());
      }
      String kind = settings.remove("tier");
      if (kind == null) {
        throw refused("tiers", "has an entry without 'tier', which names its kind");
      }
      builder.tier(TierProvider.named(kind).spec(settings));
    }
  }

  private Retrieval retrieval(JsonNode value) {
    if (!value.isObject()) {
      throw refused("retrieval", "is not an object in braces");
    }
    var settings = Retrieval.builder();
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      apply(settings, field.getKey(), "retrieval." + field.getKey(), field.getValue());
    }
    return settings.build();
  }

  private void apply(Retrieval.Builder to, String field, String name, JsonNode value) {
    switch (field) {
      case "retriever" -> to.retriever(text(name, value));
      case "budget" -> to.budget(number(name, value));
      case "minTokens" -> to.minTokens(integer(name, value));
      case "byToken" -> to.byToken(truth(name, value));
      case "queries" -> to.queries(integer(name, value));
      case "lookAhead" -> to.lookAhead(truth(name, value));
      case "denseLayers" -> to.denseLayers(integer(name, value));
      case "sinkBlocks" -> to.sinkBlocks(integer(name, value));
      case "tailBlocks" -> to.tailBlocks(integer(name, value));
      case "scoredKeys" -> to.scoredKeys(text(name, value));
      case "slack" -> to.slack(number(name, value));
      case "policy" -> to.policy(text(name, value));
      case "device" -> to.device(text(name, value));
      case "deviceBytes" -> to.deviceBytes(bytes(name, value));
      case "threads" -> to.threads(integer(name, value));
      case "recallEvery" -> to.recallEvery(integer(name, value));
      case "recallFloor" -> to.recallFloor(number(name, value));
      default ->
          throw refused(
              name,
              "is unknown; known are retriever, budget, minTokens, byToken, queries, lookAhead,"
                  + " denseLayers, sinkBlocks, tailBlocks, scoredKeys, slack, policy, device,"
                  + " deviceBytes, threads, recallEvery and recallFloor");
    }
  }

  private void check(String name, JsonNode value, String... known) {
    if (!value.isObject()) {
      throw refused(name, "is not an object in braces");
    }
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      if (!List.of(known).contains(field.getKey())) {
        throw refused(
            name + "." + field.getKey(), "is unknown; known are " + String.join(", ", known));
      }
    }
  }

  private String text(String name, JsonNode value) {
    if (!value.isString()) {
      throw refused(name, "is not a text");
    }
    return value.asString();
  }

  private int integer(String name, JsonNode value) {
    if (!value.isIntegralNumber() || !value.canConvertToInt()) {
      throw refused(name, value.isMissingNode() ? "is missing" : "is not a whole number");
    }
    return value.asInt();
  }

  private long longInteger(String name, JsonNode value) {
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw refused(name, "is not a whole number");
    }
    return value.asLong();
  }

  private double number(String name, JsonNode value) {
    if (!value.isNumber()) {
      throw refused(name, "is not a number");
    }
    return value.asDouble();
  }

  private boolean truth(String name, JsonNode value) {
    if (!value.isBoolean()) {
      throw refused(name, "is neither true nor false");
    }
    return value.asBoolean();
  }

  private long bytes(String name, JsonNode value) {
    if (value.isIntegralNumber() && value.canConvertToLong()) {
      return value.asLong();
    }
    return ByteSize.parse(value.isString() ? value.asString() : "")
        .orElseThrow(() -> refused(name, "is not an amount of bytes such as \"4GiB\""))
        .longValue();
  }

  private Duration duration(String name, JsonNode value) {
    try {
      return Duration.parse("PT" + text(name, value).toUpperCase(Locale.ROOT));
    } catch (DateTimeParseException e) {
      throw refused(name, "is not a time such as \"2s\" or \"0.5s\"");
    }
  }

  private LeakDetection leakDetection(String name, JsonNode value) {
    try {
      return LeakDetection.valueOf(text(name, value).toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw e instanceof Refused ? e : refused(name, "is not off, sampled or all");
    }
  }

  private Path beside(String name) {
    return file.resolveSibling(name);
  }

  private Refused refused(String field, String why) {
    return new Refused("%s: field '%s' %s".formatted(file, field, why));
  }

  private static final class Refused extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }
}
