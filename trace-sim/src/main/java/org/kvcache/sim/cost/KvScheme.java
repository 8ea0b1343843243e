package org.kvcache.sim.cost;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.SchemeSpec;

/**
 * A way to store keys and values, and the bits that it takes: those of the codecs that store them,
 * scales included.
 *
 * @param name of a scheme, of two formats as in {@code fp8+mxfp4}, or of one format for both
 * @param bitsPerElement of keys and values on average
 */
public record KvScheme(String name, double bitsPerElement) {
  /** The scheme of most servers. */
  public static final String DEFAULT = "bf16";

  /** A whole number of every format's groups, so that alignment adds next to nothing. */
  private static final int BLOCK_TOKENS = 512;

  /**
   * The scheme of that name for a model.
   *
   * @throws IllegalArgumentException if there is none, or it does not fit the model's head dim
   */
  public static KvScheme of(String name, int headDim) {
    String wanted = name.strip().toLowerCase(Locale.ROOT);
    BlockLayout layout =
        CodecCatalog.bind(spec(wanted), headDim, BLOCK_TOKENS, HeadCalibration.identity(headDim))
            .layout();
    return new KvScheme(
        wanted, (double) layout.bytes() * Byte.SIZE / (2.0 * headDim * BLOCK_TOKENS));
  }

  private static SchemeSpec spec(String name) {
    boolean format =
        CodecCatalog.all().stream()
            .flatMap(catalog -> catalog.formats().stream())
            .anyMatch(known -> known.name().equals(name));
    boolean scheme =
        CodecCatalog.all().stream()
            .flatMap(catalog -> catalog.schemes().stream())
            .anyMatch(known -> known.name().equals(name));
    return CodecCatalog.scheme(format && !scheme ? name + "+" + name : name);
  }

  /** Names of schemes and formats, for help and messages. */
  public static String known() {
    return CodecCatalog.all().stream()
        .flatMap(catalog ->
            Stream.concat(
                catalog.schemes().stream().map(SchemeSpec::name),
                catalog.formats().stream().map(FormatSpec::name)))
        .distinct()
        .collect(Collectors.joining(", "));
  }
}
