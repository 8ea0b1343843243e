package org.kvcache.sim.cost;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Models or machines by name: the built-in ones, and those of a file of the user's, which win. The
 * file is a JSON object of presets, with the fields of the built-in {@code models.json} and {@code
 * devices.json}.
 *
 * @param <T> what a preset is
 */
public final class Presets<T> {
  /** The name that stands for every preset. */
  public static final String ALL = "all";

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();
  private static final double GIGA = 1e9;
  private static final double TERA = 1e12;
  private static final double MICRO = 1e-6;
  private static final double PICO = 1e-12;

  private final String kind;
  private final Map<String, T> presets = new LinkedHashMap<>();
  private final BiFunction<String, PresetFields, T> reader;

  private Presets(String kind, BiFunction<String, PresetFields, T> reader) {
    this.kind = kind;
    this.reader = reader;
  }

  /**
   * The models.
   *
   * @param file the user's, if any
   * @throws IllegalArgumentException if the file is not as it should be; one sentence for the user
   */
  public static Presets<ModelShape> models(@Nullable Path file) {
    return new Presets<>("model", Presets::model).load("models.json", file);
  }

  /**
   * The machines.
   *
   * @param file the user's, if any
   * @throws IllegalArgumentException if the file is not as it should be; one sentence for the user
   */
  public static Presets<Hardware> devices(@Nullable Path file) {
    return new Presets<>("device", Presets::device).load("devices.json", file);
  }

  /** All names, the built-in ones first. */
  public List<String> names() {
    return List.copyOf(presets.keySet());
  }

  /**
   * Presets by names, or all of them by {@link #ALL}.
   *
   * @throws IllegalArgumentException if there is none of a name
   */
  public List<T> named(List<String> names) {
    if (names.equals(List.of(ALL))) {
      return List.copyOf(presets.values());
    }
    var found = new ArrayList<T>();
    for (String name : names) {
      T preset = presets.get(name.strip().toLowerCase(Locale.ROOT));
      if (preset == null) {
        throw new IllegalArgumentException(
            "unknown %s '%s'; known: %s, or %s; your own by --%ss FILE.json"
                .formatted(kind, name, String.join(", ", presets.keySet()), ALL, kind));
      }
      found.add(preset);
    }
    return found;
  }

  private Presets<T> load(String builtIn, @Nullable Path file) {
    try (InputStream in = Presets.class.getResourceAsStream(builtIn)) {
      if (in == null) {
        throw new IllegalStateException(builtIn + " is not on the class path");
      }
      add(builtIn, MAPPER.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (file != null) {
      add(file.toString(), parse(file));
    }
    return this;
  }

  private static JsonNode parse(Path file) {
    try {
      return MAPPER.readTree(Files.readString(file));
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "%s: is not JSON (%s); mend it there".formatted(file, e.getOriginalMessage()), e);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(
          file + ": there is no such file; give the file of your presets", e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "%s: cannot be read (%s); give a text file in UTF-8".formatted(file, e.getMessage()), e);
    }
  }

  private void add(String file, JsonNode root) {
    if (!root.isObject()) {
      throw new IllegalArgumentException(
          "%s: is not an object of %ss; write {\"my-%s\": {...}}".formatted(file, kind, kind));
    }
    for (Map.Entry<String, JsonNode> entry : root.properties()) {
      String name = entry.getKey().toLowerCase(Locale.ROOT);
      String place = "%s: %s '%s'".formatted(file, kind, entry.getKey());
      if (name.isBlank() || name.equals(ALL) || name.contains(",")) {
        throw new IllegalArgumentException(
            place + ": is no name; use one without commas that is not '" + ALL + "'");
      }
      try {
        presets.put(name, reader.apply(name, PresetFields.of(place, entry.getValue())));
      } catch (IllegalArgumentException e) {
        throw String.valueOf(e.getMessage()).startsWith(place)
            ? e
            : new IllegalArgumentException(place + ": " + e.getMessage(), e);
      }
    }
  }

  private static ModelShape model(String name, PresetFields fields) {
    double parameters = fields.positive("parameters", 1);
    var model =
        new ModelShape(
            name,
            fields.count("layers"),
            fields.count("queryHeads"),
            fields.count("kvHeads"),
            fields.count("headDim"),
            parameters,
            fields.positive("activeParameters", 1, parameters),
            fields.positive("weightBits", 1, 16),
            fields.positive("kvBits", 1, 16),
            fields.share("expertShare", 1),
            fields.flag("blockDiffusion"));
    fields.note("source");
    fields.end();
    return model;
  }

  private static Hardware device(String name, PresetFields fields) {
    PresetFields gpuFields = fields.object("gpu");
    PresetFields hostFields = fields.object("host");
    PresetFields linkFields = fields.object("link");
    var gpu =
        new Hardware.Gpu(
            gpuFields.positive("memoryGB", GIGA),
            gpuFields.positive("bandwidthGBps", GIGA),
            gpuFields.positive("tflops", TERA),
            gpuFields.positive("layerMicros", MICRO, 5e-5),
            gpuFields.share("gemmEfficiency", 0.62),
            gpuFields.share("bandwidthEfficiency", 0.82),
            gpuFields.share("memoryShare", 0.88),
            gpuFields.share("attentionEfficiency", 0.45),
            gpuFields.positive("interconnectGBps", GIGA, 0));
    var host =
        new Hardware.Host(
            hostFields.positive("memoryGB", GIGA),
            hostFields.positive("bandwidthGBps", GIGA),
            hostFields.positive("tflops", TERA),
            hostFields.share("efficiency", 0.45));
    var link =
        new Hardware.Link(
            linkFields.positive("bandwidthGBps", GIGA), linkFields.share("efficiency", 0.80));
    var hardware =
        new Hardware(
            name,
            gpu,
            host,
            link,
            store(fields.optional("disk"), 7e9, 1e-4),
            store(fields.optional("network"), 12.5e9, 5e-4),
            energy(fields.optional("energy")));
    fields.note("source");
    gpuFields.end();
    hostFields.end();
    linkFields.end();
    fields.end();
    return hardware;
  }

  private static Hardware.Store store(PresetFields fields, double bandwidth, double seconds) {
    var store =
        new Hardware.Store(
            fields.positive("bandwidthGBps", GIGA, bandwidth),
            fields.positive("latencyMicros", MICRO, seconds));
    fields.end();
    return store;
  }

  /** Where nothing is stated: 4 pJ a bit of HBM, 10 pJ a bit from the host, 0.5 pJ an operation. */
  private static Hardware.Energy energy(PresetFields fields) {
    var energy =
        new Hardware.Energy(
            fields.positive("idleWatts", 1, 100),
            fields.positive("picojoulesPerFlop", PICO, 0.5e-12),
            fields.positive("picojoulesPerByte", PICO, 32e-12),
            fields.positive("picojoulesPerLinkByte", PICO, 80e-12));
    fields.end();
    return energy;
  }
}
