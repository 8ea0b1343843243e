package org.kvcache.quant;

/**
 * E8M0 of OCP MX v1.0, section 5.4.1: an unsigned power of two, the exponent with bias 127. Neither
 * zero nor infinity; 255 is NaN.
 */
final class UE8M0 {

  /** The binary32 bits of code 0, whose exponent field alone would say zero. */
  static final int SMALLEST_BITS = Float.floatToRawIntBits(0x1p-127f);

  /** The binary32 bits of code 255. */
  static final int NAN_BITS = Float.floatToRawIntBits(Float.NaN);

  private UE8M0() {}

  /**
   * The code of a power of two.
   *
   * @param scale 2<sup>−127</sup> to 2<sup>127</sup>, or NaN; anything else gives the code of some
   *     other scale
   */
  static byte encode(float scale) {
    return (byte) (Float.floatToRawIntBits(scale) >>> 23);
  }

  /** 2<sup>code−127</sup> of the low eight bits, exactly. */
  static float decode(int code) {
    int exponent = code & 0xFF;
    int bits = exponent == 0 ? SMALLEST_BITS : exponent << 23;
    return Float.intBitsToFloat(exponent == 0xFF ? NAN_BITS : bits);
  }
}
