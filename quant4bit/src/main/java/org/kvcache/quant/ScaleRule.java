package org.kvcache.quant;

import java.util.Locale;

/**
 * How MXFP4 chooses the shared exponent of a group from its greatest magnitude. All rules give
 * {@code floor(log2 amax)} plus a constant, and one more when the mantissa of {@code amax} is at or
 * above a threshold; a carry into the exponent does that.
 */
enum ScaleRule {

  /** {@code amax / scale} in [3.5, 7): least squared error of all rules of this kind. */
  T7(0x20_0000, 2),

  /** {@code floor(log2 amax) - 2}, OCP MX v1.0 section 6.3: {@code amax / scale} in [4, 8). */
  OCP(0, 2),

  /**
   * {@code floor(log2(0.156 amax) + 0.5)}, as UltraQuant: {@code amax / scale} in [4.53, 9.07). Its
   * codes break ties to the lower level and have no negative zero.
   */
  UQ(0x80_0000 - threshold(), 3);

  /** Of a group with NaN or infinity. */
  static final int NAN = 255;

  private static final int INFINITY = 0x7F80_0000;

  private final int carry;
  private final int below;

  ScaleRule(int carry, int below) {
    this.carry = carry;
    this.below = below;
  }

  /** Mantissa bits of the smallest m in [1, 2) with log2(0.156 m) at or above -2.5. */
  private static int threshold() {
    double m = Math.pow(2, -2.5) / 0.156;
    return (int) Math.ceil((m - 1) * 0x80_0000);
  }

  static ScaleRule named(String name) {
    return valueOf(name.toUpperCase(Locale.ROOT));
  }

  /** The UE8M0 scale of a group whose greatest magnitude has these bits. */
  int scale(int amaxBits) {
    if (amaxBits >= INFINITY) {
      return NAN;
    }
    if (amaxBits == 0) {
      return 0;
    }
    return Math.max(this == UQ ? 1 : 0, ((amaxBits + carry) >>> 23) - below);
  }

  /** One over the scale. */
  static float inverse(int scale) {
    return Float.intBitsToFloat(scale == 254 ? 0x40_0000 : (254 - scale) << 23);
  }
}
