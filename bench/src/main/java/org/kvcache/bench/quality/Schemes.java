package org.kvcache.bench.quality;

import java.util.List;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;

/** The schemes of all catalogues. */
final class Schemes {
  private Schemes() {}

  static List<SchemeSpec> all() {
    return CodecCatalog.all().stream().flatMap(catalog -> catalog.schemes().stream()).toList();
  }
}
