package org.kvcache.bench.quality;

import java.util.List;
import java.util.Locale;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.SchemeSpec;

/** The schemes of all catalogues. */
final class Schemes {
  private Schemes() {}

  static List<SchemeSpec> all() {
    return CodecCatalog.all().stream().flatMap(catalog -> catalog.schemes().stream()).toList();
  }

  /** Binds a scheme by the catalogue that lists it or, if it is composed, its format of K. */
  static BlockCodec bind(
      SchemeSpec scheme, int headDim, int blockTokens, HeadCalibration calibration) {
    String keys = scheme.keys().split(":", 2)[0];
    for (CodecCatalog catalog : CodecCatalog.all()) {
      if (catalog.schemes().contains(scheme)
          || catalog.formats().stream().map(FormatSpec::name).anyMatch(keys::equals)) {
        return catalog.blockCodec(scheme, headDim, blockTokens, calibration);
      }
    }
    throw new IllegalArgumentException(
        String.format(Locale.ROOT, "no catalogue stores K as '%s'", keys));
  }
}
