package org.kvcache.quant;

import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.BlockWriter;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;
import org.kvcache.spi.TensorCodec;

/** Two formats and two bases. */
record SchemeCodec(
    SchemeSpec scheme,
    HeadCalibration calibration,
    TensorCodec keys,
    TensorCodec values,
    BlockLayout layout,
    KeyBasis keyBasis,
    ValueBasis valueBasis)
    implements BlockCodec {

  static SchemeCodec of(
      SchemeSpec scheme,
      int headDim,
      int blockTokens,
      HeadCalibration calibration,
      Hadamard hadamard) {
    if (calibration.headDim() != headDim) {
      throw new IllegalArgumentException(
          "the calibration is for head dim %d, the keys have %d"
              .formatted(calibration.headDim(), headDim));
    }
    if (!scheme.calibrated() && !calibration.isIdentity()) {
      throw new IllegalArgumentException(
          "scheme '%s' takes no calibration; leave it out or take another scheme"
              .formatted(scheme.name()));
    }
    TensorCodec keys = CodecCatalog.codec(scheme.keys(), headDim, 1);
    TensorCodec values = CodecCatalog.codec(scheme.values(), headDim, 1);
    return new SchemeCodec(
        scheme,
        calibration,
        keys,
        values,
        BlockLayout.of(keys, values, blockTokens),
        new KeyBasis(calibration, scheme.rotateKeys(), hadamard),
        new ValueBasis(headDim, calibration.valueScale(), scheme.rotateValues(), hadamard));
  }

  @Override
  public BlockWriter newWriter() {
    return new SchemeWriter(this);
  }

  @Override
  public BlockReader newReader(int heads) {
    return new SchemeReader(this, heads);
  }
}
