package org.kvcache.quant;

import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.TensorCodec;

/** The formats of whole bytes with their rules. */
enum Unpacked {
  FP16(RowElement.FP16, "fp16", "", 1),
  FP16_SCALED(RowElement.FP16, "fp16", "", 0.37f),
  BF16(RowElement.BF16, "bf16", "", 1),
  F32(RowElement.F32, "f32", "", 1),
  F32_SCALED(RowElement.F32, "f32", "", 0.3f),
  BF16_SCALED(RowElement.BF16, "bf16", "", 0.3f),
  FP8(RowElement.E4M3, "fp8", "", 1),
  FP8_UNIT(RowElement.E4M3, "fp8", "unit", 3),
  FP8_TENSOR(RowElement.E4M3, "fp8", "tensor", 0.0123f),
  FP8_ROW(RowElement.E4M3, "fp8", "row", 1);

  final RowElement element;
  final float tensorScale;

  private final String name;
  private final String rule;

  Unpacked(RowElement element, String name, String rule, float tensorScale) {
    this.element = element;
    this.name = name;
    this.rule = rule;
    this.tensorScale = tensorScale;
  }

  TensorCodec codec(int headDim, Kernels kernels) {
    return UnpackedFormats.formats(kernels).stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseThrow()
        .codec(new FormatOptions(headDim, rule, tensorScale));
  }
}
