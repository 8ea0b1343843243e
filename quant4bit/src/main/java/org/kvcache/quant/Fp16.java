package org.kvcache.quant;

/** IEEE 754 binary16. */
final class Fp16 {

  /** Bits that binary32's mantissa has more. */
  static final int SHIFT = 13;

  /** By how much the exponent bias of binary32 is larger. */
  static final int REBIAS = 127 - 15;

  static final int INFINITY_CODE = 0x7C00;
  static final int QUIET = 0x200;

  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private Fp16() {}

  /**
   * The nearest code, ties to the even one. What rounds past 65,504 becomes an infinity; NaN
   * becomes quiet and keeps its sign and the upper bits of its payload.
   */
  static short encode(float value) {
    int bits = Float.floatToRawIntBits(value);
    int magnitude = bits & 0x7FFF_FFFF;
    if (magnitude > INFINITY) {
      // The JDK leaves it open which NaN its own conversion gives.
      return (short)
          ((bits >>> 16 & 0x8000) | INFINITY_CODE | QUIET | (magnitude >>> SHIFT & 0x3FF));
    }
    return Float.floatToFloat16(value);
  }

  /** The value of a code, exactly. */
  static float decode(short code) {
    return Float.float16ToFloat(code);
  }
}
