package org.kvcache.quant;

/** bfloat16: the upper half of a binary32. */
final class Bf16 {

  static final int QUIET = 0x40;

  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private Bf16() {}

  /**
   * The nearest code, ties to the even one. What rounds past the largest finite value becomes an
   * infinity; NaN becomes quiet and keeps its sign and the upper bits of its payload.
   */
  static short encode(float value) {
    int bits = Float.floatToRawIntBits(value);
    int rounded = (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
    int code = (bits & 0x7FFF_FFFF) > INFINITY ? bits >>> 16 | QUIET : rounded;
    return (short) code;
  }

  /** The value of a code, exactly. */
  static float decode(short code) {
    return Float.intBitsToFloat(code << 16);
  }
}
