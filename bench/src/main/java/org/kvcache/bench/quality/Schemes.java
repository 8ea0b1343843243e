package org.kvcache.bench.quality;

import java.util.List;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;

/** The schemes of all catalogues. */
final class Schemes {
  private Schemes() {}

  static List<SchemeSpec> all() {
    return CodecCatalog.all().stream().flatMap(catalog -> catalog.schemes().stream()).toList();
  }

  /** True if a scheme can store rows of all these lengths. */
  static boolean takes(SchemeSpec scheme, List<Integer> headDims) {
    try {
      for (int headDim : headDims) {
        CodecCatalog.bind(
            scheme, headDim, SchemeTrial.BLOCK_TOKENS, HeadCalibration.identity(headDim));
      }
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
