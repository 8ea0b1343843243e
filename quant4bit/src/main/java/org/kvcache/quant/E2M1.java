package org.kvcache.quant;

/**
 * FP4 E2M1 of OCP MX v1.0, section 5.3.3: a sign in bit 3, two bits of exponent with bias 1, one
 * bit of mantissa. The magnitudes are 0, 0.5, 1, 1.5, 2, 3, 4 and 6; there is no infinity and no
 * NaN.
 */
final class E2M1 {

  static final float MAX = 6;

  private static final int MIN_NORMAL = Float.floatToRawIntBits(1f);
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);
  private static final int QUARTER = Float.floatToRawIntBits(0.25f);
  private static final int THREE_QUARTERS = Float.floatToRawIntBits(0.75f);

  /** Floats as large as this lie 0.5 apart, so adding it rounds to E2M1's subnormals. */
  private static final float SUBNORMAL_ROUNDER = 0x1p22f;

  private static final int REBIAS = (127 - 1) << 1;

  /** The value of each code. */
  static final float[] VALUES = {
    0f, 0.5f, 1f, 1.5f, 2f, 3f, 4f, 6f, -0f, -0.5f, -1f, -1.5f, -2f, -3f, -4f, -6f
  };

  private E2M1() {}

  /**
   * The nearest code, ties to the even one, saturating at ±{@value #MAX}. Zero keeps its sign; NaN
   * becomes 0, since groups deal with NaN before their elements do.
   */
  static int encode(float value) {
    int bits = Float.floatToRawIntBits(value);
    int magnitude = bits & 0x7FFF_FFFF;
    if (magnitude > INFINITY) {
      return 0;
    }
    int code =
        magnitude < MIN_NORMAL
            ? Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + SUBNORMAL_ROUNDER)
                - Float.floatToRawIntBits(SUBNORMAL_ROUNDER)
            : ((magnitude + 0x1F_FFFF + (magnitude >>> 22 & 1)) >>> 22) - REBIAS;
    return (bits >>> 28 & 8) | Math.min(code, 7);
  }

  /**
   * The code of the nearest of the 15 levels, a tie to the lower signed one and never −0, as
   * UltraQuant's reference does ({@code torch.bucketize} with {@code right=False}). NaN becomes 0.
   */
  static int encodeTiesDown(float value) {
    int bits = Float.floatToRawIntBits(value);
    int magnitude = bits & 0x7FFF_FFFF;
    if (magnitude > INFINITY) {
      return 0;
    }
    // Down is towards zero for positive values: those must be past the midpoint to round away.
    int positive = (bits >>> 31) ^ 1;
    int code =
        magnitude < MIN_NORMAL
            ? (magnitude >= QUARTER + positive ? 1 : 0)
                + (magnitude >= THREE_QUARTERS + positive ? 1 : 0)
            : ((magnitude + 0x20_0000 - positive) >>> 22) - REBIAS;
    return code == 0 ? 0 : (bits >>> 28 & 8) | Math.min(code, 7);
  }

  /** The value of the low four bits. */
  static float decode(int code) {
    return VALUES[code & 15];
  }
}
