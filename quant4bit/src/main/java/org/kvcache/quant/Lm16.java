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
   * True if the greatest magnitude of a group becomes {@link #MAX}. Without this a decoded group,
   * whose greatest magnitude is less, would not become itself again.
   */
  static boolean reaches(float amax, float scale) {
    return amax > MIDPOINTS[6] * scale;
  }

  /** The first scale to try; the positive codes, 1 to 126, are in the order of their values. */
  static int firstScale(float amax, float tensorScale) {
    int nearest = E4M3.encode(amax / (MAX * tensorScale)) & 0xFF;
    return Math.clamp(nearest + FIRST_CANDIDATE, 1, 127 - CANDIDATES);
  }

  /**
   * The E4M3 scale of 32 elements whose greatest magnitude has these bits: that of the candidates
   * that leaves the least squared error, 0 where zeros leave less, NaN's code if one is not finite.
   */
  static int scale(
      GroupEncoders encoders, float[] rows, int from, int amaxBits, float tensorScale) {
    float amax = Float.intBitsToFloat(amaxBits);
    if (amaxBits == 0 || !Float.isFinite(amax)) {
      return amaxBits == 0 ? 0 : E4M3.NAN;
    }
    int first = firstScale(amax, tensorScale);
    int last = first + CANDIDATES - 1;
    // Without a winner: the last where errors overflow, the first where all scales are too large.
    int best = reaches(amax, E4M3.decode(last) * tensorScale) ? last : first;
    float least = Float.POSITIVE_INFINITY;
    for (int code = first; code <= last; code++) {
      float scale = E4M3.decode(code) * tensorScale;
      float error = encoders.lm16Error(rows, from, scale);
      if (error < least && reaches(amax, scale)) {
        least = error;
        best = code;
      }
    }
    return first == 1 && zerosAreBetter(encoders, rows, from, best, tensorScale) ? 0 : best;
  }

  /** There is no zero among the levels: what is tiny beside the smallest scale had better be 0. */
  private static boolean zerosAreBetter(
      GroupEncoders encoders, float[] rows, int from, int scale, float tensorScale) {
    double squares = 0;
    for (int i = from; i < from + 32; i++) {
      squares += (double) rows[i] * rows[i];
    }
    return squares < encoders.lm16Error(rows, from, E4M3.decode(scale) * tensorScale);
  }
}
