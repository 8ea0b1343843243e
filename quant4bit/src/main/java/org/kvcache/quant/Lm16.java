package org.kvcache.quant;

/**
 * The codebook of {@code lm16}: eight magnitudes and a sign, least squared error for groups of 32
 * normal numbers divided by their greatest magnitude when the best of three neighbouring E4M3
 * scales is taken, among codebooks whose magnitudes are E4M3 numbers. Its error on normal numbers
 * is 0.0063 of their square; E2M1 with UE8M0 scales has 0.0125.
 */
final class Lm16 {

  /** Magnitudes. As E4M3 numbers: 9, 26, 44, 64, 88, 112, 144 and 192, over 128. */
  private static final float[] MAGNITUDES = {
    9 / 128f, 26 / 128f, 44 / 128f, 64 / 128f, 88 / 128f, 112 / 128f, 144 / 128f, 192 / 128f
  };

  /** Greatest magnitude. */
  static final float MAX = MAGNITUDES[7];

  /** Scales tried: from the one below that which maps the greatest magnitude on {@link #MAX} on. */
  static final int FIRST_CANDIDATE = -1;

  /** How many neighbouring E4M3 scales are tried. */
  static final int CANDIDATES = 3;

  /** Value of each code. */
  static final float[] TABLE = new float[16];

  /** Half way from magnitude {@code i} to the next. */
  static final float[] MIDPOINTS = new float[7];

  static {
    for (int i = 0; i < 8; i++) {
      TABLE[i] = MAGNITUDES[i];
      TABLE[8 + i] = -MAGNITUDES[i];
    }
    for (int i = 0; i < 7; i++) {
      MIDPOINTS[i] = (MAGNITUDES[i] + MAGNITUDES[i + 1]) / 2;
    }
  }

  private Lm16() {}

  /**
   * True if the greatest magnitude of a group, given by its bits, becomes {@link #MAX}. Without
   * this a decoded group, whose greatest magnitude is less, would not become itself again.
   */
  static boolean reaches(int amaxBits, float scale) {
    return Float.intBitsToFloat(amaxBits) > MIDPOINTS[6] * scale;
  }

  /**
   * The first E4M3 scale to try for a group with this greatest magnitude; the positive codes, 1 to
   * 126, are in the order of their values.
   */
  static int firstScale(float amax, float tensorScale) {
    int nearest = E4M3.encode(amax / (MAX * tensorScale)) & 0xFF;
    return Math.clamp(nearest + FIRST_CANDIDATE, 1, 127 - CANDIDATES);
  }

  /** The scale where no candidate's error counts: the last if errors overflow, else the first. */
  static int fallback(int first, int amaxBits, float tensorScale) {
    int last = first + CANDIDATES - 1;
    return reaches(amaxBits, E4M3.decode(last) * tensorScale) ? last : first;
  }
}
