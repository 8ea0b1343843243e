package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** The twin in plain Java. */
enum ScalarGroupEncoders implements GroupEncoders {
  INSTANCE;

  /** An E4M3 scale: the group reads as NaN. */
  static final int NAN = 0x7F;

  private static final int INFINITY = 0x7F80_0000;

  @Override
  public void mxfp4(
      ScaleRule rule,
      float[] rows,
      int offset,
      int groups,
      MemorySegment memory,
      long codes,
      long scales) {
    for (int group = 0; group < groups; group++) {
      int from = offset + 32 * group;
      long to = codes + 16L * group;
      int amax = greatest(rows, from, 32);
      int scale = rule.scale(amax);
      memory.set(JAVA_BYTE, scales + group, (byte) scale);
      if (scale == ScaleRule.NAN || amax == 0) {
        zero(memory, to, 16);
        continue;
      }
      float inverse = ScaleRule.inverse(scale);
      for (int i = 0; i < 32; i += 2) {
        float low = rows[from + i] * inverse;
        float high = rows[from + i + 1] * inverse;
        int pair =
            rule == ScaleRule.UQ
                ? E2M1.encodeTiesDown(low) | (E2M1.encodeTiesDown(high) << 4)
                : E2M1.encode(low) | (E2M1.encode(high) << 4);
        memory.set(JAVA_BYTE, to + i / 2, (byte) pair);
      }
    }
  }

  @Override
  public void nvfp4(
      float tensorScale,
      float[] rows,
      int offset,
      int groups,
      MemorySegment memory,
      long codes,
      long scales) {
    for (int group = 0; group < groups; group++) {
      int from = offset + 16 * group;
      long to = codes + 8L * group;
      int amax = greatest(rows, from, 16);
      int scale = nvfp4Scale(amax, tensorScale);
      memory.set(JAVA_BYTE, scales + group, (byte) scale);
      if (scale == 0 || scale == NAN) {
        zero(memory, to, 8);
        continue;
      }
      float divisor = E4M3.decode(scale) * tensorScale;
      for (int i = 0; i < 16; i += 2) {
        int pair =
            E2M1.encode(rows[from + i] / divisor)
                | (E2M1.encode(rows[from + i + 1] / divisor) << 4);
        memory.set(JAVA_BYTE, to + i / 2, (byte) pair);
      }
    }
  }

  @Override
  public void lm16(
      float tensorScale,
      float[] rows,
      int offset,
      int groups,
      MemorySegment memory,
      long codes,
      long scales) {
    for (int group = 0; group < groups; group++) {
      int from = offset + 32 * group;
      long to = codes + 16L * group;
      int amax = greatest(rows, from, 32);
      if (amax >= INFINITY || amax == 0) {
        memory.set(JAVA_BYTE, scales + group, (byte) (amax == 0 ? 0 : NAN));
        zero(memory, to, 16);
        continue;
      }
      int best = lm16Scale(rows, from, amax, tensorScale);
      if (best == 0) {
        memory.set(JAVA_BYTE, scales + group, (byte) 0);
        zero(memory, to, 16);
        continue;
      }
      memory.set(JAVA_BYTE, scales + group, (byte) best);
      float scale = E4M3.decode(best) * tensorScale;
      for (int i = 0; i < 32; i += 2) {
        int pair = lm16Code(rows[from + i], scale) | (lm16Code(rows[from + i + 1], scale) << 4);
        memory.set(JAVA_BYTE, to + i / 2, (byte) pair);
      }
    }
  }

  /** The E4M3 scale of a group whose greatest magnitude has these bits. */
  static int nvfp4Scale(int amaxBits, float tensorScale) {
    return amaxBits >= INFINITY
        ? NAN
        : E4M3.encode(Float.intBitsToFloat(amaxBits) / (6 * tensorScale));
  }

  /** The scale that leaves the least squared error, 0 where zeros leave less than any. */
  static int lm16Scale(float[] rows, int from, int amaxBits, float tensorScale) {
    int first = Lm16.firstScale(Float.intBitsToFloat(amaxBits), tensorScale);
    int best = Lm16.fallback(first, amaxBits, tensorScale);
    float least = Float.POSITIVE_INFINITY;
    for (int scale = first; scale < first + Lm16.CANDIDATES; scale++) {
      float candidate = E4M3.decode(scale) * tensorScale;
      float error = lm16Error(rows, from, candidate, 0, 1);
      if (error < least && Lm16.reaches(amaxBits, candidate)) {
        least = error;
        best = scale;
      }
    }
    if (first > 1) {
      return best;
    }
    // There is no zero among the levels, and no smaller scale: what is tiny had better be zero.
    double squares = 0;
    for (int i = from; i < from + 32; i++) {
      squares += (double) rows[i] * rows[i];
    }
    float chosen = E4M3.decode(best) * tensorScale;
    return squares < lm16Error(rows, from, chosen, 0, 1) ? 0 : best;
  }

  static int lm16Code(float x, float scale) {
    float magnitude = Math.abs(x);
    int code = 0;
    for (float midpoint : Lm16.MIDPOINTS) {
      code += magnitude > midpoint * scale ? 1 : 0;
    }
    return code | ((Float.floatToRawIntBits(x) >>> 28) & 8);
  }

  /**
   * Squared error of a group. Elements {@code l} and {@code l + 16} are chained in lane {@code l},
   * and lanes {@code j + half} are folded into lanes {@code j}, as vectors do it.
   */
  private static float lm16Error(float[] rows, int from, float scale, int lane, int step) {
    if (step < 16) {
      return lm16Error(rows, from, scale, lane, 2 * step)
          + lm16Error(rows, from, scale, lane + step, 2 * step);
    }
    float first = lm16Difference(rows[from + lane], scale);
    float second = lm16Difference(rows[from + lane + 16], scale);
    return Math.fma(second, second, first * first);
  }

  private static float lm16Difference(float x, float scale) {
    return Lm16.TABLE[lm16Code(Math.abs(x), scale)] * scale - Math.abs(x);
  }

  /** Bits of the greatest magnitude; above those of infinity if there is a NaN. */
  static int greatest(float[] rows, int from, int count) {
    int greatest = 0;
    for (int i = from; i < from + count; i++) {
      greatest = Math.max(greatest, Float.floatToRawIntBits(rows[i]) & 0x7FFF_FFFF);
    }
    return greatest;
  }

  static void zero(MemorySegment memory, long at, int bytes) {
    memory.asSlice(at, bytes).fill((byte) 0);
  }
}
