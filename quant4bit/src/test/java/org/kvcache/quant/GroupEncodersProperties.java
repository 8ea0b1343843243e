package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("vector")
class GroupEncodersProperties {

  private static final GroupEncoders SCALAR = ScalarGroupEncoders.INSTANCE;
  private static final GroupEncoders VECTOR = VectorGroupEncoders.INSTANCE;

  private enum Format {
    T7(ScaleRule.T7, 32),
    OCP(ScaleRule.OCP, 32),
    UQ(ScaleRule.UQ, 32),
    NVFP4(null, 16),
    LM16(null, 32);

    final ScaleRule rule;
    final int group;

    Format(ScaleRule rule, int group) {
      this.rule = rule;
      this.group = group;
    }

    byte[] encode(GroupEncoders encoders, float tensorScale, float[] x, int offset, int groups) {
      int lead = offset + 1;
      long codes = lead + groups + 1L;
      MemorySegment memory = Arena.ofAuto().allocate(codes + groups * (group / 2L) + 3);
      memory.fill((byte) 0x5A);
      switch (this) {
        case NVFP4 -> encoders.nvfp4(tensorScale, x, offset, groups, memory, codes, lead);
        case LM16 -> encoders.lm16(tensorScale, x, offset, groups, memory, codes, lead);
        default -> encoders.mxfp4(rule, x, offset, groups, memory, codes, lead);
      }
      return memory.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  @Provide
  Arbitrary<Float> tensorScales() {
    return Arbitraries.of(1f, 0.0137f, 7.3f, 1e-30f, 1e30f);
  }

  private static void assertSameBytes(Format format, float tensorScale, float[] x, int offset) {
    int groups = (x.length - offset) / format.group;
    byte[] expected = format.encode(SCALAR, tensorScale, x, offset, groups);
    byte[] actual = format.encode(VECTOR, tensorScale, x, offset, groups);
    assertThat(actual).isEqualTo(expected);
  }

  @Property(tries = 1000, seed = "1")
  void twinsWriteTheSameBytes(
      @ForAll Format format,
      @ForAll Rows kind,
      @ForAll("tensorScales") float tensorScale,
      @ForAll @IntRange(min = 1, max = 30) int groups,
      @ForAll @IntRange(max = 5) int offset,
      @ForAll long seed) {
    float[] x = kind.of(offset + groups * format.group, seed);
    assertSameBytes(format, tensorScale, x, offset);
  }

  @Property(tries = 1000, seed = "2")
  void twinsBreakTiesAlike(
      @ForAll Format format,
      @ForAll @IntRange(min = -150, max = 120) int power,
      @ForAll @IntRange(min = 1, max = 64) int range,
      @ForAll long seed) {
    Random random = new Random(seed);
    float[] x = new float[20 * format.group];
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.scalb(random.nextInt(-range, range + 1) / 4f, power);
      if (x[i] == 0 && random.nextBoolean()) {
        x[i] = -0f;
      }
    }
    assertSameBytes(format, 1, x, 0);
  }

  @Property(tries = 500, seed = "3")
  void twinsAgreeNextToMidpoints(
      @ForAll Format format, @ForAll("tensorScales") float tensorScale, @ForAll long seed) {
    Random random = new Random(seed);
    float[] x = new float[20 * format.group];
    float scale = Math.scalb(tensorScale, random.nextInt(-6, 7));
    for (int i = 0; i < x.length; i++) {
      float middle =
          format == Format.LM16
              ? Lm16.MIDPOINTS[random.nextInt(7)] * scale
              : (random.nextInt(4) + 0.5f) / (1 + random.nextInt(2)) * scale;
      int steps = random.nextInt(-1, 2);
      float near = Float.intBitsToFloat(Float.floatToRawIntBits(middle) + steps);
      x[i] = random.nextBoolean() ? near : -near;
      if (i % format.group == 0) {
        x[i] = (format == Format.LM16 ? 1.5f : 6) * scale;
      }
    }
    assertSameBytes(format, tensorScale, x, 0);
  }

  @Property(tries = 300, seed = "4")
  void aGroupWithoutNumbersHasZeroCodesAndLeavesOthersAlone(
      @ForAll Format format,
      @ForAll boolean nan,
      @ForAll @IntRange(max = 31) int place,
      @ForAll long seed) {
    int group = format.group;
    float[] x = Rows.GAUSSIAN.of(3 * group, seed);
    byte[] clean = format.encode(VECTOR, 1, x, 0, 3);
    x[group + place % group] = nan ? -Float.NaN : Float.NEGATIVE_INFINITY;
    for (GroupEncoders encoders : new GroupEncoders[] {SCALAR, VECTOR}) {
      byte[] dirty = format.encode(encoders, 1, x, 0, 3);
      assertThat(dirty[2]).isEqualTo((byte) (format.rule == null ? 0x7F : 0xFF));
      int codes = 5 + group / 2;
      for (int i = 0; i < clean.length; i++) {
        if (i >= codes && i < codes + group / 2) {
          assertThat(dirty[i]).isZero();
        } else if (i != 2) {
          assertThat(dirty[i]).isEqualTo(clean[i]);
        }
      }
    }
  }

  @Property(tries = 50, seed = "5")
  void zeroGroupsHaveByteZero(@ForAll Format format, @ForAll long seed) {
    float[] positive = new float[2 * format.group];
    float[] signed = Rows.ZERO.of(2 * format.group, seed);
    for (GroupEncoders encoders : new GroupEncoders[] {SCALAR, VECTOR}) {
      byte[] zero = format.encode(encoders, 1, positive, 0, 2);
      assertThat(zero[1]).isZero();
      assertThat(zero[2]).isZero();
      byte[] bytes = format.encode(encoders, 1, signed, 0, 2);
      assertThat(bytes[1]).isZero();
      for (int i = 0; i < format.group; i++) {
        assertThat(zero[4 + i / 2]).isZero();
        assertThat(bytes[4 + i / 2]).isZero();
      }
    }
  }
}
