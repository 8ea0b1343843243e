package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The twin in the Vector API. */
final class VectorGroupEncoders implements GroupEncoders {

  static final VectorGroupEncoders INSTANCE = new VectorGroupEncoders();

  private static final VectorSpecies<Integer> INTS = VectorKernels.INTS;
  private static final VectorSpecies<Float> FLOATS = VectorKernels.FLOATS;
  private static final int LANES = INTS.length();
  private static final IntVector SHIFTS = IntVector.zero(INTS).addIndex(4);
  private static final int AHEAD = 32;
  private static final int MAGNITUDE = 0x7FFF_FFFF;
  private static final int EXPONENT = 0x7F80_0000;
  private static final int ONE = 0x3F80_0000;
  private static final int SIX = 0x40C0_0000;
  private static final int QUARTER = 0x3E80_0000;
  private static final int THREE_QUARTERS = 0x3F40_0000;
  private static final int REBIAS = (127 - 1) << 1;

  private VectorGroupEncoders() {}

  @Override
  public void mxfp4(
      ScaleRule rule,
      float[] rows,
      int offset,
      int groups,
      MemorySegment memory,
      long codes,
      long scales) {
    // Scales first, so that no code waits for a maximum: processors overlap what is left.
    for (int group = 0; group < groups; group += AHEAD) {
      int n = Math.min(AHEAD, groups - group);
      int from = offset + 32 * group;
      long to = codes + 16L * group;
      scales(rule, rows, from, n, memory, scales + group);
      if (rule == ScaleRule.UQ) {
        codesTiesDown(rows, from, n, memory, to, scales + group);
      } else {
        codes(rows, from, n, memory, to, scales + group);
      }
    }
  }

  private void scales(
      ScaleRule rule, float[] rows, int offset, int groups, MemorySegment memory, long scales) {
    for (int group = 0; group < groups; group++) {
      memory.set(
          JAVA_BYTE, scales + group, (byte) rule.scale(greatest(rows, offset + 32 * group, 32)));
    }
  }

  private void codes(
      float[] rows, int offset, int groups, MemorySegment memory, long codes, long scales) {
    for (int group = 0; group < groups; group++) {
      int scale = memory.get(JAVA_BYTE, scales + group) & 0xFF;
      long to = codes + 16L * group;
      if (scale == ScaleRule.NAN || (scale == 0 && greatest(rows, offset + 32 * group, 32) == 0)) {
        GroupEncoders.zero(memory, to, 16);
        continue;
      }
      float inverse = ScaleRule.inverse(scale);
      for (int i = 0; i < 32; i += LANES) {
        FloatVector x = FloatVector.fromArray(FLOATS, rows, offset + 32 * group + i);
        store(e2m1(x.mul(inverse)), memory, to + i / 2);
      }
    }
  }

  private void codesTiesDown(
      float[] rows, int offset, int groups, MemorySegment memory, long codes, long scales) {
    for (int group = 0; group < groups; group++) {
      int scale = memory.get(JAVA_BYTE, scales + group) & 0xFF;
      long to = codes + 16L * group;
      if (scale == ScaleRule.NAN) {
        GroupEncoders.zero(memory, to, 16);
        continue;
      }
      float inverse = ScaleRule.inverse(scale);
      for (int i = 0; i < 32; i += LANES) {
        FloatVector x = FloatVector.fromArray(FLOATS, rows, offset + 32 * group + i);
        store(e2m1TiesDown(x.mul(inverse)), memory, to + i / 2);
      }
    }
  }

  /**
   * Codes of E2M1, nearest, ties to even. A magnitude below 2, 4 or 8 has steps of 1/2, 1 or 2: one
   * addition of a number whose last place is worth that much rounds to it, exactly once.
   */
  private static IntVector e2m1(FloatVector y) {
    IntVector bits = y.reinterpretAsInts();
    IntVector magnitude = bits.and(MAGNITUDE).min(SIX);
    FloatVector unit = magnitude.and(EXPONENT).max(ONE).reinterpretAsFloats();
    // 2^22 sets the last place. The even number beyond it keeps ties what they are, and makes the
    // low bits of the sum, with its exponent added, the code.
    IntVector sum =
        unit.fma(FloatVector.broadcast(FLOATS, 4194304f + 107f), magnitude.reinterpretAsFloats())
            .reinterpretAsInts();
    IntVector code = sum.add(sum.lanewise(VectorOperators.LSHR, 22)).and(7);
    return code.or(bits.lanewise(VectorOperators.LSHR, 28).and(8));
  }

  /** Packs a register of codes, one to a lane, two to a byte. */
  private static void store(IntVector code, MemorySegment memory, long at) {
    if (LANES == 16) {
      LongVector pairs = code.reinterpretAsLongs();
      pairs
          .or(pairs.lanewise(VectorOperators.LSHR, 28))
          .convertShape(VectorOperators.L2B, ByteVector.SPECIES_64, 0)
          .intoMemorySegment(memory, at, LITTLE_ENDIAN);
      return;
    }
    int packed = code.lanewise(VectorOperators.LSHL, SHIFTS).reduceLanes(VectorOperators.OR);
    if (LANES == 8) {
      memory.set(ScalarNibbleKernels.WORD, at, packed);
    } else {
      memory.set(ScalarNibbleKernels.SHORT, at, (short) packed);
    }
  }

  @Override
  public int greatest(float[] rows, int from, int count) {
    IntVector greatest = IntVector.zero(INTS);
    for (int i = from; i < from + count; i += LANES) {
      greatest =
          greatest.max(FloatVector.fromArray(FLOATS, rows, i).reinterpretAsInts().and(MAGNITUDE));
    }
    return greatest.reduceLanes(VectorOperators.MAX);
  }

  /** Codes of E2M1, nearest, ties to the lower signed level, no negative zero. */
  private static IntVector e2m1TiesDown(FloatVector y) {
    IntVector bits = y.reinterpretAsInts();
    IntVector magnitude = bits.and(MAGNITUDE).min(SIX);
    // Down is towards zero for positive values: those must be past the midpoint to round away.
    IntVector past = bits.lanewise(VectorOperators.NOT).lanewise(VectorOperators.LSHR, 31);
    IntVector least = magnitude.sub(past);
    IntVector normal = least.add(0x20_0000).lanewise(VectorOperators.LSHR, 22).sub(REBIAS);
    IntVector code =
        IntVector.zero(INTS)
            .blend(1, least.compare(VectorOperators.GE, QUARTER))
            .blend(2, least.compare(VectorOperators.GE, THREE_QUARTERS))
            .blend(normal, magnitude.compare(VectorOperators.GE, ONE));
    IntVector signed = code.or(bits.lanewise(VectorOperators.LSHR, 28).and(8));
    return signed.blend(0, code.compare(VectorOperators.EQ, 0));
  }

  @Override
  public void e2m1(
      float[] rows, int from, int count, float divisor, MemorySegment memory, long codes) {
    for (int i = 0; i < count; i += LANES) {
      FloatVector y = FloatVector.fromArray(FLOATS, rows, from + i).div(divisor);
      store(e2m1(y), memory, codes + i / 2);
    }
  }

  @Override
  public void lm16(float[] rows, int from, float scale, MemorySegment memory, long codes) {
    for (int i = 0; i < 32; i += LANES) {
      FloatVector x = FloatVector.fromArray(FLOATS, rows, from + i);
      IntVector sign = x.reinterpretAsInts().lanewise(VectorOperators.LSHR, 28).and(8);
      store(lm16Code(x.lanewise(VectorOperators.ABS), scale).or(sign), memory, codes + i / 2);
    }
  }

  /** Index of the nearest magnitude. */
  private static IntVector lm16Code(FloatVector magnitude, float scale) {
    IntVector code = IntVector.zero(INTS);
    for (int i = 0; i < 7; i++) {
      code =
          code.blend(
              i + 1, magnitude.compare(VectorOperators.GT, Lm16.MIDPOINTS[i] * scale).cast(INTS));
    }
    return code;
  }

  @Override
  public float lm16Error(float[] rows, int from, float scale) {
    FloatVector sum = lm16Errors(rows, from, scale);
    if (LANES == 8) {
      sum = sum.add(lm16Errors(rows, from + 8, scale));
    } else if (LANES == 4) {
      FloatVector odd = lm16Errors(rows, from + 4, scale);
      odd = odd.add(lm16Errors(rows, from + 12, scale));
      sum = sum.add(lm16Errors(rows, from + 8, scale)).add(odd);
    }
    return Lanes.fold(sum);
  }

  private static FloatVector lm16Errors(float[] rows, int from, float scale) {
    FloatVector first = lm16Difference(FloatVector.fromArray(FLOATS, rows, from), scale);
    FloatVector second = lm16Difference(FloatVector.fromArray(FLOATS, rows, from + 16), scale);
    return second.fma(second, first.mul(first));
  }

  /** What the nearest level lies above the magnitude. */
  private static FloatVector lm16Difference(FloatVector x, float scale) {
    FloatVector magnitude = x.lanewise(VectorOperators.ABS);
    FloatVector level = FloatVector.broadcast(FLOATS, Lm16.TABLE[0]);
    for (int i = 0; i < 7; i++) {
      level =
          level.blend(
              Lm16.TABLE[i + 1], magnitude.compare(VectorOperators.GT, Lm16.MIDPOINTS[i] * scale));
    }
    return level.mul(scale).sub(magnitude);
  }
}
