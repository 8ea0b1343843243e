package org.kvcache.sim.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.kvcache.ByteSize;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a token takes in the cache of a model.
 *
 * @param name how to speak of it
 * @param bytesPerToken keys and values of all layers, above 0
 */
record Model(String name, BigDecimal bytesPerToken) {
  /** Bits per value of the ways to store keys and values, scales included. */
  private static final Map<String, BigDecimal> SCHEMES = new LinkedHashMap<>();

  static {
    SCHEMES.put("f32", BigDecimal.valueOf(32));
    SCHEMES.put("bf16", BigDecimal.valueOf(16));
    SCHEMES.put("fp16", BigDecimal.valueOf(16));
    SCHEMES.put("fp8", BigDecimal.valueOf(8));
    SCHEMES.put("nvfp4", new BigDecimal("4.5"));
    SCHEMES.put("mxfp4", new BigDecimal("4.25"));
  }

  /** The scheme of most servers. */
  static final String DEFAULT_SCHEME = "bf16";

  private static final String PRESETS = "models.json";
  private static final BigDecimal BITS_PER_BYTE = BigDecimal.valueOf(8);

  /**
   * A model of the data file.
   *
   * @param layers layers that keep a cache
   * @param kvHeads heads of keys and values
   * @param headDim values per head
   * @param source the published configuration
   */
  record Preset(int layers, int kvHeads, int headDim, String source) {
    BigDecimal bytesPerToken(BigDecimal bitsPerValue) {
      long values = 2L * layers * kvHeads * headDim;
      return BigDecimal.valueOf(values).multiply(bitsPerValue).divide(BITS_PER_BYTE);
    }
  }

  /** The presets by name. */
  static Map<String, Preset> presets() {
    try (InputStream in = Model.class.getResourceAsStream(PRESETS)) {
      if (in == null) {
        throw new IllegalStateException(PRESETS + " is not on the class path");
      }
      var type = new TypeReference<LinkedHashMap<String, Preset>>() {};
      return JsonMapper.builder().build().readValue(in, type);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Names of the schemes, for help and messages. */
  static String schemes() {
    return String.join(", ", SCHEMES.keySet());
  }

  /**
   * A model by name, or by its bytes per token.
   *
   * @param scheme how values are stored; empty for the default, and always for bytes per token
   * @throws IllegalArgumentException if name or scheme is unknown
   */
  static Model of(String text, Optional<String> scheme) {
    Preset preset = presets().get(text.toLowerCase(Locale.ROOT));
    if (preset != null) {
      String name = scheme.orElse(DEFAULT_SCHEME).toLowerCase(Locale.ROOT);
      BigDecimal bits = SCHEMES.get(name);
      if (bits == null) {
        throw new IllegalArgumentException(
            "unknown scheme '%s'; known: %s".formatted(name, schemes()));
      }
      return new Model(text.toLowerCase(Locale.ROOT) + ", " + name, preset.bytesPerToken(bits));
    }
    Model model = new Model("model", bytes(text));
    if (scheme.isPresent()) {
      throw new IllegalArgumentException(
          "--scheme needs a model by name; --model %s already says the bytes per token"
              .formatted(text));
    }
    return model;
  }

  private static BigDecimal bytes(String text) {
    String digits = text.replace("_", "");
    BigDecimal bytes =
        digits.matches("\\d{1,12}(\\.\\d+)?")
            ? new BigDecimal(digits)
            : ByteSize.parse(text).orElse(BigDecimal.ZERO);
    if (bytes.signum() <= 0) {
      throw new IllegalArgumentException(
          "unknown model '%s'%s; known: %s, or the bytes per token, for example 128KiB"
              .formatted(
                  text,
                  NearestName.of(text, presets().keySet())
                      .map(name -> ", did you mean '" + name + "'")
                      .orElse(""),
                  String.join(", ", presets().keySet())));
    }
    return bytes;
  }

  /** What it comes to, for the head of a table. */
  String describe() {
    return name + ": " + ByteSize.format(bytesPerToken.doubleValue()) + " per token";
  }
}
