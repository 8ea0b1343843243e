package org.kvcache.quant;

/**
 * FP8 E4M3 of the OCP 8-bit floating point specification (OFP8): a sign, four bits of exponent with
 * bias 7, three bits of mantissa. No infinity; one NaN per sign; values up to ±448 and down to
 * ±2<sup>−9</sup>.
 */
final class E4M3 {

  static final float MAX = 448;

  /** Bits that binary32's mantissa has more. */
  static final int SHIFT = 20;

  /** By how much the exponent bias of binary32 is larger. */
  static final int REBIAS = 127 - 7;

  /** The code of {@link #MAX}. */
  static final int MAX_CODE = 0x7E;

  /** The code of NaN without its sign. */
  static final int NAN = 0x7F;

  private static final int MIN_NORMAL = Float.floatToRawIntBits(0x1p-6f);
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  /** Floats as large as this lie 2^-9 apart, so adding it rounds to E4M3's subnormals. */
  private static final float SUBNORMAL_ROUNDER = 0x1p14f;

  /** The value of each code as an unsigned byte. */
  static final float[] VALUES = values();

  private E4M3() {}

  /** The nearest code, ties to the even one; infinities saturate too, NaN keeps its sign. */
  static byte encode(float value) {
    int bits = Float.floatToRawIntBits(value);
    int magnitude = bits & 0x7FFF_FFFF;
    int code =
        magnitude < MIN_NORMAL
            ? Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + SUBNORMAL_ROUNDER)
                - Float.floatToRawIntBits(SUBNORMAL_ROUNDER)
            : Math.min(
                ((magnitude + 0x7_FFFF + (magnitude >>> SHIFT & 1)) >>> SHIFT) - (REBIAS << 3),
                MAX_CODE);
    return (byte) ((bits >>> 24 & 0x80) | (magnitude > INFINITY ? NAN : code));
  }

  /** The value of the low eight bits, exactly. */
  static float decode(int code) {
    return VALUES[code & 0xFF];
  }

  private static float[] values() {
    float[] values = new float[256];
    for (int code = 0; code < 0x80; code++) {
      int exponent = code >>> 3;
      float magnitude =
          exponent == 0 ? code * 0x1p-9f : Float.intBitsToFloat((code << SHIFT) + (REBIAS << 23));
      values[code] = code == NAN ? Float.NaN : magnitude;
      int negative = Float.floatToRawIntBits(values[code]) | 0x8000_0000;
      values[code | 0x80] = Float.intBitsToFloat(negative);
    }
    return values;
  }
}
