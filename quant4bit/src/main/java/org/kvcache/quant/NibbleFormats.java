package org.kvcache.quant;

import java.util.List;
import java.util.function.Function;
import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.TensorCodec;

/** The formats of four bits an element. */
final class NibbleFormats {

  private NibbleFormats() {}

  static List<FormatSpec> formats(Kernels kernels) {
    return List.of(
        spanning(
            "mxfp4",
            "E2M1, a power of two for 32 elements (OCP MX v1.0)",
            List.of("t7", "ocp", "uq"),
            options ->
                coded(
                    new Mxfp4(options.headDim(), ScaleRule.named(options.rule()), kernels),
                    kernels)),
        spanning(
            "mxfp4m",
            "mxfp4 in the same bytes, with a mantissa for each token",
            List.of(),
            options -> coded(new TokenMantissa(options.headDim()), kernels)),
        new FormatSpec(
            "lm16",
            "16 Lloyd-Max levels, an E4M3 scale for 32 elements",
            List.of(),
            options ->
                coded(new Lm16Groups(options.headDim(), options.tensorScale(), kernels), kernels)),
        new FormatSpec(
            "nvfp4",
            "E2M1, an E4M3 scale for 16 elements, one for the tensor (NVIDIA)",
            List.of(),
            options ->
                coded(new Nvfp4(options.headDim(), options.tensorScale(), kernels), kernels)),
        spanning(
            "turbo4",
            "Lloyd-Max indices of a rotated row, its norm (TurboQuant)",
            List.of(),
            options -> coded(new Turbo4(options.headDim()), kernels)),
        spanning(
            "int4",
            "16 even steps for a token, binary16 scale and zero point",
            List.of("asym", "sym"),
            options -> coded(new Int4(options.headDim(), options.rule()), kernels)),
        spanning(
            "q4_0",
            "16 even steps, a binary16 scale for 32 elements (ggml)",
            List.of(),
            options -> coded(new Q40(options.headDim()), kernels)),
        spanning(
            "kivi4",
            "16 even steps for a channel of 128 tokens (KIVI)",
            List.of(),
            options -> new KiviCodec(options.headDim(), kernels)));
  }

  private static TensorCodec coded(GroupFormat format, Kernels kernels) {
    return new NibbleCodec(format, kernels);
  }

  /** A format whose own scales do without a tensor scale. */
  private static FormatSpec spanning(
      String name,
      String summary,
      List<String> rules,
      Function<FormatOptions, TensorCodec> factory) {
    return new FormatSpec(
        name,
        summary,
        rules,
        options -> {
          if (options.tensorScale() != 1) {
            throw new IllegalArgumentException(
                "format '%s' takes no tensor scale; its own scales reach far enough"
                    .formatted(name));
          }
          return factory.apply(options);
        });
  }
}
