package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * From floats to four-bit codes in natural order with a scale byte for each group. Groups lie one
 * after another in all three places, whatever rows they belong to.
 */
interface GroupEncoders {

  /** Groups of 32, UE8M0 scales, E2M1 codes. */
  void mxfp4(
      ScaleRule rule,
      float[] rows,
      int offset,
      int groups,
      MemorySegment memory,
      long codes,
      long scales);

  /** Groups of 16, E4M3 scales, E2M1 codes. */
  default void nvfp4(
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
      int scale = Nvfp4.scale(greatest(rows, from, 16), tensorScale);
      memory.set(JAVA_BYTE, scales + group, (byte) scale);
      if (scale == 0 || scale == E4M3.NAN) {
        zero(memory, to, 8);
      } else {
        e2m1(rows, from, 16, E4M3.decode(scale) * tensorScale, memory, to);
      }
    }
  }

  /** Groups of 32, E4M3 scales, codes of {@link Lm16}. */
  default void lm16(
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
      int scale = Lm16.scale(this, rows, from, greatest(rows, from, 32), tensorScale);
      memory.set(JAVA_BYTE, scales + group, (byte) scale);
      if (scale == 0 || scale == E4M3.NAN) {
        zero(memory, to, 16);
      } else {
        lm16(rows, from, E4M3.decode(scale) * tensorScale, memory, to);
      }
    }
  }

  /** Bits of the greatest magnitude; above those of infinity if there is a NaN. */
  int greatest(float[] rows, int from, int count);

  /** Writes the E2M1 codes of {@code rows[from + i] / divisor}. */
  void e2m1(float[] rows, int from, int count, float divisor, MemorySegment memory, long codes);

  /** Writes the {@link Lm16} codes of 32 elements under a scale. */
  void lm16(float[] rows, int from, float scale, MemorySegment memory, long codes);

  /**
   * Squared error of 32 elements in {@link Lm16} under a scale. Elements {@code l} and {@code l +
   * 16} are chained in lane {@code l}, and lanes {@code j + half} are folded into lanes {@code j}.
   */
  float lm16Error(float[] rows, int from, float scale);

  /** Writes codes 0. */
  static void zero(MemorySegment memory, long at, int bytes) {
    memory.asSlice(at, bytes).fill((byte) 0);
  }
}
