package org.kvcache.spi;

import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.kvcache.HeadCalibration;

/**
 * The formats and schemes of one plug-in module, found by {@link ServiceLoader}. Thread-safe.
 *
 * <p>A scheme that no catalogue lists is composed: {@code "fp8+lm16"} stores K as {@code fp8} and V
 * as {@code lm16}, {@code "mxfp4:ocp+int4"} names a rule too.
 */
public interface CodecCatalog {

  /** The formats, in the order in which to list them. */
  List<FormatSpec> formats();

  /** The schemes, in the order in which to list them. */
  List<SchemeSpec> schemes();

  /**
   * Binds a scheme, of this catalogue or composed, to one layer and KV head.
   *
   * @throws IllegalArgumentException if the formats do not take such rows or blocks, or the
   *     calibration is of another head dim, or the scheme takes none and it is not the identity
   */
  BlockCodec blockCodec(
      SchemeSpec scheme, int headDim, int blockTokens, HeadCalibration calibration);

  /** What its hot loops run on in this process, in a few words, for people who look into speed. */
  default String implementation() {
    return "plain Java";
  }

  /**
   * Every catalogue on the class path.
   *
   * @throws IllegalArgumentException if one does not start because of how the JVM was started
   */
  static List<CodecCatalog> all() {
    try {
      return ServiceLoader.load(CodecCatalog.class).stream()
          .map(ServiceLoader.Provider::get)
          .toList();
    } catch (ServiceConfigurationError e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof IllegalArgumentException refused) {
          throw refused;
        }
      }
      throw e;
    }
  }

  /**
   * The format called {@code name}.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  static FormatSpec format(String name) {
    List<FormatSpec> formats =
        all().stream().flatMap(catalog -> catalog.formats().stream()).toList();
    return formats.stream()
        .filter(spec -> spec.name().equals(name))
        .findFirst()
        .orElseThrow(() -> unknown("format", name, formats, FormatSpec::name));
  }

  /**
   * The scheme called {@code name}, or composed by it of two formats.
   *
   * @throws IllegalArgumentException if there is no such scheme or format; the message lists those
   *     there are
   */
  static SchemeSpec scheme(String name) {
    List<SchemeSpec> schemes =
        all().stream().flatMap(catalog -> catalog.schemes().stream()).toList();
    for (SchemeSpec spec : schemes) {
      if (spec.name().equals(name)) {
        return spec;
      }
    }
    int plus = name.indexOf('+');
    if (plus < 0) {
      throw new IllegalArgumentException(
          unknown("scheme", name, schemes, SchemeSpec::name).getMessage()
              + ", or a format for K and one for V as in fp8+lm16");
    }
    String keys = name.substring(0, plus);
    String values = name.substring(plus + 1);
    format(formatName(keys));
    format(formatName(values));
    return new SchemeSpec(
        name, "K as " + keys + ", V as " + values, keys, values, true, false, false, true);
  }

  /**
   * Binds a scheme to one layer and KV head, by the catalogue that lists it or, if it is composed,
   * lists its format of K.
   *
   * @throws IllegalArgumentException as {@link #scheme} and {@link #blockCodec}
   */
  static BlockCodec bind(
      SchemeSpec scheme, int headDim, int blockTokens, HeadCalibration calibration) {
    String keys = formatName(scheme.keys());
    List<CodecCatalog> catalogs = all();
    return catalogs.stream()
        .filter(catalog -> catalog.schemes().contains(scheme))
        .findFirst()
        .or(() ->
            catalogs.stream()
                .filter(catalog ->
                    catalog.formats().stream().anyMatch(format -> format.name().equals(keys)))
                .findFirst())
        .orElseThrow(() ->
            new IllegalArgumentException(
                "no catalogue on the class path has format '" + keys + "'"))
        .blockCodec(scheme, headDim, blockTokens, calibration);
  }

  /** The same for a scheme by name. */
  static BlockCodec bind(String scheme, int headDim, int blockTokens, HeadCalibration calibration) {
    return bind(scheme(scheme), headDim, blockTokens, calibration);
  }

  /** A codec of the format {@code name} or {@code name:rule}. */
  static TensorCodec codec(String format, int headDim, float tensorScale) {
    int colon = format.indexOf(':');
    String rule = colon < 0 ? "" : format.substring(colon + 1);
    return format(formatName(format)).codec(new FormatOptions(headDim, rule, tensorScale));
  }

  private static String formatName(String format) {
    int colon = format.indexOf(':');
    return colon < 0 ? format : format.substring(0, colon);
  }

  private static <T> IllegalArgumentException unknown(
      String kind, String name, List<T> known, Function<T, String> names) {
    return new IllegalArgumentException(
        "unknown %s '%s'; known: %s"
            .formatted(
                kind,
                name,
                known.isEmpty()
                    ? "none, put quant4bit on the class path"
                    : known.stream().map(names).collect(Collectors.joining(", "))));
  }
}
