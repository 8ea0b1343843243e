package org.kvcache.quant;

import java.util.List;
import org.kvcache.spi.FormatSpec;

/** The formats whose elements are whole bytes. */
final class UnpackedFormats {

  static final List<FormatSpec> FORMATS = formats(Kernels.best());

  private UnpackedFormats() {}

  static List<FormatSpec> formats(Kernels kernels) {
    return List.of(
        format("fp16", "IEEE 754 binary16", List.of(), RowElement.FP16, kernels),
        format("bf16", "bfloat16", List.of(), RowElement.BF16, kernels),
        format(
            "fp8",
            "FP8 E4M3 (OCP OFP8), with scale 1, a scale of the tensor or one of each row",
            List.of("unit", "tensor", UnpackedCodec.PER_ROW),
            RowElement.E4M3,
            kernels),
        format("f32", "IEEE 754 binary32, exact", List.of(), RowElement.F32, kernels));
  }

  private static FormatSpec format(
      String name, String summary, List<String> rules, RowElement element, Kernels kernels) {
    return new FormatSpec(
        name, summary, rules, options -> new UnpackedCodec(element, options, kernels));
  }
}
