package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** The twin in plain Java. */
enum ScalarGroupEncoders implements GroupEncoders {
  INSTANCE;

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
        GroupEncoders.zero(memory, to, 16);
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
  public int greatest(float[] rows, int from, int count) {
    int greatest = 0;
    for (int i = from; i < from + count; i++) {
      greatest = Math.max(greatest, Float.floatToRawIntBits(rows[i]) & 0x7FFF_FFFF);
    }
    return greatest;
  }

  @Override
  public void e2m1(
      float[] rows, int from, int count, float divisor, MemorySegment memory, long codes) {
    for (int i = 0; i < count; i += 2) {
      int low = E2M1.encode(rows[from + i] / divisor);
      int high = E2M1.encode(rows[from + i + 1] / divisor);
      memory.set(JAVA_BYTE, codes + i / 2, (byte) (low | (high << 4)));
    }
  }

  @Override
  public void lm16(float[] rows, int from, float scale, MemorySegment memory, long codes) {
    for (int i = 0; i < 32; i += 2) {
      int pair = lm16Code(rows[from + i], scale) | (lm16Code(rows[from + i + 1], scale) << 4);
      memory.set(JAVA_BYTE, codes + i / 2, (byte) pair);
    }
  }

  private static int lm16Code(float x, float scale) {
    float magnitude = Math.abs(x);
    int code = 0;
    for (float midpoint : Lm16.MIDPOINTS) {
      code += magnitude > midpoint * scale ? 1 : 0;
    }
    return code | ((Float.floatToRawIntBits(x) >>> 28) & 8);
  }

  @Override
  public float lm16Error(float[] rows, int from, float scale) {
    return lm16Error(rows, from, scale, 0, 1);
  }

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
}
