package org.kvcache.quant;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.TensorCodec;

/** The formats of four bits with their rules. */
enum Nibble {
  MXFP4("mxfp4", "t7", 1),
  MXFP4_OCP("mxfp4", "ocp", 1),
  MXFP4_UQ("mxfp4", "uq", 1),
  MXFP4M("mxfp4m", "", 1),
  LM16("lm16", "", 1),
  LM16_SCALED("lm16", "", 0.0137f),
  NVFP4("nvfp4", "", 1),
  NVFP4_SCALED("nvfp4", "", 7.3f),
  TURBO4("turbo4", "", 1),
  INT4("int4", "asym", 1),
  INT4_SYM("int4", "sym", 1),
  Q4_0("q4_0", "", 1),
  KIVI4("kivi4", "", 1);

  final float tensorScale;

  private final String name;
  private final String rule;

  Nibble(String name, String rule, float tensorScale) {
    this.name = name;
    this.rule = rule;
    this.tensorScale = tensorScale;
  }

  /** A format and a head dim that it takes. */
  record Shape(Nibble format, int dim) {

    TensorCodec codec(Kernels kernels) {
      return format.codec(dim, kernels);
    }

    /** This many row groups. */
    Stored stored(Kernels kernels, int groups) {
      TensorCodec codec = codec(kernels);
      return new Stored(codec, groups * codec.rowGroup());
    }
  }

  static List<Shape> shapes() {
    List<Shape> shapes = new ArrayList<>();
    for (Nibble format : values()) {
      Arrays.stream(format.dims()).forEach(dim -> shapes.add(new Shape(format, dim)));
    }
    return shapes;
  }

  private int[] dims() {
    return this == MXFP4M
        ? new int[] {64, 128, 256}
        : new int[] {32, 64, 96, 128, 160, 192, 256, 512};
  }

  TensorCodec codec(int headDim, Kernels kernels) {
    return NibbleFormats.formats(kernels).stream()
        .filter(format -> format.name().equals(name))
        .findFirst()
        .orElseThrow()
        .codec(new FormatOptions(headDim, rule, tensorScale));
  }
}
