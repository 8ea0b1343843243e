package org.kvcache.bench.quality;

import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;

/**
 * Stored bits for one element, codes and scales and all.
 *
 * @param keys of K
 * @param values of V
 */
record SchemeBits(double keys, double values) {

  static SchemeBits of(SchemeSpec scheme, int headDim) {
    return new SchemeBits(
        CodecCatalog.codec(scheme.keys(), headDim, 1).bitsPerElement(),
        CodecCatalog.codec(scheme.values(), headDim, 1).bitsPerElement());
  }

  double mean() {
    return (keys + values) / 2;
  }
}
