package org.kvcache.quant;

import java.util.List;
import java.util.stream.Stream;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.SchemeSpec;

/** The catalogue of this module. */
public final class Codecs implements CodecCatalog {

  private static final List<FormatSpec> FORMATS =
      Stream.concat(
              NibbleFormats.formats(Kernels.best()).stream(), UnpackedFormats.FORMATS.stream())
          .toList();

  private static final List<SchemeSpec> SCHEMES =
      List.of(
          scheme("lm16", "best quality of those near four bits; the default", "lm16", "lm16"),
          scheme("mxfp4", "for processors that multiply FP4", "mxfp4", "mxfp4"),
          scheme("mxfp4m", "mxfp4 with a mantissa for each token", "mxfp4m", "mxfp4m"),
          scheme("k8v4", "six bits: FP8 keys, four-bit values", "fp8", "lm16"),
          new SchemeSpec(
              "ultraquant",
              "UltraQuant's bytes: rotated keys, FP8 queries, no calibration",
              "mxfp4:uq",
              "mxfp4:uq",
              true,
              false,
              true,
              false),
          new SchemeSpec(
              "turbo4",
              "TurboQuant with norm correction for K and V, both rotated",
              "turbo4",
              "turbo4",
              true,
              true,
              false,
              true),
          new SchemeSpec(
              "kivi4",
              "keys by channel over 128 tokens, values by token; no calibration",
              "kivi4",
              "int4",
              false,
              false,
              false,
              false),
          new SchemeSpec("fp8", "E4M3 with scale 1", "fp8", "fp8", false, false, false, true),
          new SchemeSpec(
              "bf16", "as most models hold it", "bf16", "bf16", false, false, false, false),
          new SchemeSpec(
              "f32", "exact, to compare with", "f32", "f32", false, false, false, false));

  /** Called by {@link java.util.ServiceLoader}. */
  public Codecs() {}

  private static SchemeSpec scheme(String name, String summary, String keys, String values) {
    return new SchemeSpec(name, summary, keys, values, true, false, false, true);
  }

  @Override
  public List<FormatSpec> formats() {
    return FORMATS;
  }

  @Override
  public List<SchemeSpec> schemes() {
    return SCHEMES;
  }

  @Override
  public BlockCodec blockCodec(
      SchemeSpec scheme, int headDim, int blockTokens, HeadCalibration calibration) {
    return SchemeCodec.of(scheme, headDim, blockTokens, calibration, Kernels.best().hadamard());
  }

  @Override
  public String implementation() {
    return Kernels.best().toString();
  }
}
