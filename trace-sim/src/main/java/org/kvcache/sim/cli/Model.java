package org.kvcache.sim.cli;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.kvcache.ByteSize;
import org.kvcache.sim.cost.KvScheme;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.Presets;

/**
 * What a token takes in the cache of a model.
 *
 * @param name how to speak of it
 * @param bytesPerToken keys and values of all layers, above 0
 */
record Model(String name, BigDecimal bytesPerToken) {
  private static final BigDecimal BITS_PER_BYTE = BigDecimal.valueOf(8);

  /**
   * A model by name, or by its bytes per token.
   *
   * @param scheme how values are stored; empty for the default, and always for bytes per token
   * @throws IllegalArgumentException if name or scheme is unknown
   */
  static Model of(String text, Optional<String> scheme) {
    String wanted = text.toLowerCase(Locale.ROOT);
    Presets<ModelShape> presets = Presets.models(null);
    if (presets.names().contains(wanted)) {
      ModelShape shape = presets.named(List.of(wanted)).getFirst();
      KvScheme stored = KvScheme.of(scheme.orElse(KvScheme.DEFAULT), shape.headDim());
      BigDecimal bits = BigDecimal.valueOf(stored.bitsPerElement());
      return new Model(
          wanted + ", " + stored.name(),
          BigDecimal.valueOf(shape.kvElementsPerToken()).multiply(bits).divide(BITS_PER_BYTE));
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
      List<String> names = Presets.models(null).names();
      throw new IllegalArgumentException(
          "unknown model '%s'%s; known: %s, or the bytes per token, for example 128KiB"
              .formatted(
                  text,
                  NearestName.of(text, names)
                      .map(name -> ", did you mean '" + name + "'")
                      .orElse(""),
                  String.join(", ", names)));
    }
    return bytes;
  }

  /** What it comes to, for the head of a table. */
  String describe() {
    return name + ": " + ByteSize.format(bytesPerToken.doubleValue()) + " per token";
  }
}
