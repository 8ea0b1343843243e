package org.kvcache.quant;

import java.util.Arrays;
import java.util.stream.IntStream;

/** The formats as their definitions say it: in double, with a search over all levels. */
final class Reference {

  static final double[] E2M1 = {0, 0.5, 1, 1.5, 2, 3, 4, 6, -0., -0.5, -1, -1.5, -2, -3, -4, -6};
  static final double[] LM16 = {9, 26, 44, 64, 88, 112, 144, 192};

  /** A group or a row: the bytes of its scale and its codes, element by element. */
  record Group(int[] scale, int[] codes) {}

  private Reference() {}

  static double amax(float[] x) {
    return IntStream.range(0, x.length).mapToDouble(i -> Math.abs((double) x[i])).max().orElse(0);
  }

  private static int floorLog2(double x) {
    return Math.getExponent(x);
  }

  static Group mxfp4(ScaleRule rule, float[] x) {
    double amax = amax(x);
    int exponent =
        switch (rule) {
          case T7 -> floorLog2(amax / 3.5);
          case OCP -> floorLog2(amax) - 2;
          case UQ -> (int) Math.floor(Math.log(0.156 * amax) / Math.log(2) + 0.5);
        };
    double scale = Math.scalb(1.0, exponent);
    int[] codes = new int[x.length];
    for (int i = 0; i < x.length; i++) {
      codes[i] = rule == ScaleRule.UQ ? tiesDown(x[i] / scale) : tiesToEven(x[i], x[i] / scale);
    }
    return new Group(new int[] {exponent + 127}, codes);
  }

  static Group nvfp4(float tensorScale, float[] x) {
    int code = FloatFormat.E4M3.nearest((float) (amax(x) / (6.0 * tensorScale)));
    double scale = FloatFormat.E4M3.value(code) * tensorScale;
    int[] codes = new int[x.length];
    for (int i = 0; i < x.length; i++) {
      codes[i] = tiesToEven(x[i], x[i] / scale);
    }
    return new Group(new int[] {code}, codes);
  }

  private static int tiesToEven(float signed, double y) {
    double magnitude = Math.abs(y);
    int best = 0;
    for (int code = 1; code < 8; code++) {
      double closer = Math.abs(E2M1[best] - magnitude) - Math.abs(E2M1[code] - magnitude);
      if (closer > 0 || closer == 0 && code % 2 == 0) {
        best = code;
      }
    }
    return best | (Float.floatToRawIntBits(signed) < 0 ? 8 : 0);
  }

  private static int tiesDown(double y) {
    int[] ascending = {15, 14, 13, 12, 11, 10, 9, 0, 1, 2, 3, 4, 5, 6, 7};
    int best = 15;
    for (int code : ascending) {
      if (Math.abs(E2M1[code] - y) < Math.abs(E2M1[best] - y)) {
        best = code;
      }
    }
    return best;
  }

  /** Codes alone, for a scale found otherwise, and the squared error they leave. */
  static Group lm16(int scaleCode, float tensorScale, float[] x) {
    double scale = FloatFormat.E4M3.value(scaleCode) * tensorScale / 128;
    int[] codes = new int[x.length];
    for (int i = 0; i < x.length; i++) {
      double magnitude = Math.abs((double) x[i]);
      int best = 0;
      for (int code = 1; code < 8; code++) {
        if (Math.abs(LM16[code] * scale - magnitude) < Math.abs(LM16[best] * scale - magnitude)) {
          best = code;
        }
      }
      codes[i] = best | (Float.floatToRawIntBits(x[i]) < 0 ? 8 : 0);
    }
    return new Group(new int[] {scaleCode}, codes);
  }

  static double lm16Error(int scaleCode, float tensorScale, float[] x) {
    double scale = FloatFormat.E4M3.value(scaleCode) * tensorScale / 128;
    return IntStream.range(0, x.length)
        .mapToDouble(i -> {
          double magnitude = Math.abs((double) x[i]);
          return Arrays.stream(LM16).map(m -> Math.abs(m * scale - magnitude)).min().orElse(0);
        })
        .map(difference -> difference * difference)
        .sum();
  }

  /** {@code quantize_row_q4_0_ref} of ggml, line by line. */
  static byte[] ggmlBlock(float[] x) {
    float amax = 0.0f;
    float max = 0.0f;
    for (int j = 0; j < 32; j++) {
      float v = x[j];
      if (amax < Math.abs(v)) {
        amax = Math.abs(v);
        max = v;
      }
    }
    float d = max / -8;
    float id = d != 0 ? 1.0f / d : 0.0f;
    byte[] block = new byte[18];
    short half = Float.floatToFloat16(d);
    block[0] = (byte) half;
    block[1] = (byte) (half >> 8);
    for (int j = 0; j < 16; j++) {
      float x0 = x[j] * id;
      float x1 = x[16 + j] * id;
      byte xi0 = (byte) Math.min(15, (byte) (x0 + 8.5f));
      byte xi1 = (byte) Math.min(15, (byte) (x1 + 8.5f));
      block[2 + j] = (byte) (xi0 | xi1 << 4);
    }
    return block;
  }

  static float half(int low, int high) {
    return Float.float16ToFloat((short) ((low & 0xFF) | high << 8));
  }
}
