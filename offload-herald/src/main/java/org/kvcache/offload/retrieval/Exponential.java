package org.kvcache.offload.retrieval;

/**
 * {@code exp} of binary32 numbers up to 0: {@code exp(x) = 2^n · exp(r)} with {@code n} the integer
 * nearest to {@code x · log2 e}, {@code |r| ≤ ln 2 / 2}, and a polynomial of degree 7 for {@code
 * exp(r)} (Moshier, Cephes). 0 where the result would hardly be a normal number, and for NaN.
 */
final class Exponential {

  /** Below this the result is 0. */
  static final float LEAST = -87.25f;

  static final float LOG2_E = 0x1.715476p0f;

  /** Adding it rounds to an integer, which the low bits of the sum then hold. */
  static final float ROUNDER = 0x1.8p23f;

  // ln 2 in two parts; the first has few enough bits for n times it to be exact.
  static final float LN2_HI = 0x1.62e4p-1f;
  static final float LN2_LO = 0x1.7f7d1cp-20f;

  static final float C7 = 0x1.a0d2cep-13f;
  static final float C6 = 0x1.6e879cp-10f;
  static final float C5 = 0x1.11121p-7f;
  static final float C4 = 0x1.555382p-5f;
  static final float C3 = 0x1.555554p-3f;
  static final float C2 = 0x1.0p-1f;

  private Exponential() {}

  static float of(float x) {
    if (!(x >= LEAST)) {
      return 0;
    }
    float shifted = Math.fma(x, LOG2_E, ROUNDER);
    float n = shifted - ROUNDER;
    float r = Math.fma(n, -LN2_LO, Math.fma(n, -LN2_HI, x));
    float p = Math.fma(C7, r, C6);
    p = Math.fma(p, r, C5);
    p = Math.fma(p, r, C4);
    p = Math.fma(p, r, C3);
    p = Math.fma(p, r, C2);
    p = Math.fma(p * r, r, r);
    // The exponent field takes n; the shift drops all but its low bits.
    int bits = Float.floatToRawIntBits(1 + p) + (Float.floatToRawIntBits(shifted) << 23);
    return Float.intBitsToFloat(bits);
  }
}
