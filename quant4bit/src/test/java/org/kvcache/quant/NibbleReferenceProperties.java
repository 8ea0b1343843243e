package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.quant.Reference.Group;

class NibbleReferenceProperties {

  private static final int DIM = 64;

  @Provide
  Arbitrary<Float> tensorScales() {
    return Arbitraries.of(1f, 0.125f, 7.25f);
  }

  /** Quarters now and then, so that there are ties. */
  private static float[] row(long seed, int power) {
    Random random = new Random(seed);
    boolean quarters = random.nextBoolean();
    float[] row = new float[DIM];
    for (int i = 0; i < DIM; i++) {
      float x = quarters ? random.nextInt(-24, 25) / 4f : (float) random.nextGaussian();
      row[i] = Math.scalb(x, power);
    }
    row[0] = row[16] = row[32] = row[48] = Math.scalb(random.nextInt(13, 32) / 4f, power);
    return row;
  }

  private static Stored stored(Nibble format, float[] row) {
    return new Stored(format.codec(DIM, Kernels.best()), 1).encode(row);
  }

  private static void assertGroups(Stored stored, int size, Group... groups) {
    for (int group = 0; group < groups.length; group++) {
      assertThat(stored.scales()[group] & 0xFF).isEqualTo(groups[group].scale()[0]);
      for (int i = 0; i < size; i++) {
        assertThat(stored.code(0, group * size + i)).isEqualTo(groups[group].codes()[i]);
      }
    }
  }

  @Property(tries = 400, seed = "1")
  void mxfp4IsTheNearestCodeUnderItsRule(
      @ForAll ScaleRule rule,
      @ForAll @IntRange(min = -100, max = 100) int power,
      @ForAll long seed) {
    Nibble format =
        switch (rule) {
          case T7 -> Nibble.MXFP4;
          case OCP -> Nibble.MXFP4_OCP;
          case UQ -> Nibble.MXFP4_UQ;
        };
    float[] row = row(seed, power);
    assertGroups(
        stored(format, row),
        32,
        Reference.mxfp4(rule, Arrays.copyOf(row, 32)),
        Reference.mxfp4(rule, Arrays.copyOfRange(row, 32, 64)));
  }

  @Property(tries = 300, seed = "2")
  void nvfp4IsTheNearestCodeUnderTheNearestScale(
      @ForAll boolean scaled, @ForAll @IntRange(min = -2, max = 8) int power, @ForAll long seed) {
    Nibble format = scaled ? Nibble.NVFP4_SCALED : Nibble.NVFP4;
    float[] row = row(seed, power);
    Group[] groups = new Group[4];
    for (int i = 0; i < 4; i++) {
      groups[i] = Reference.nvfp4(format.tensorScale, Arrays.copyOfRange(row, 16 * i, 16 * i + 16));
    }
    assertGroups(stored(format, row), 16, groups);
  }

  @Property(tries = 300, seed = "3")
  void lm16IsTheNearestCodeUnderTheBestOfThreeScales(
      @ForAll @IntRange(min = -2, max = 6) int power, @ForAll long seed) {
    float[] row = row(seed, power);
    Stored stored = stored(Nibble.LM16, row);
    for (int group = 0; group < 2; group++) {
      float[] x = Arrays.copyOfRange(row, 32 * group, 32 * group + 32);
      int code = stored.scales()[group];
      Group expected = Reference.lm16(code, 1, x);
      for (int i = 0; i < 32; i++) {
        assertThat(stored.code(0, 32 * group + i)).isEqualTo(expected.codes()[i]);
      }
      int nearest = FloatFormat.E4M3.nearest((float) (Reference.amax(x) / 1.5));
      assertThat(code).isBetween(nearest - 1, nearest + 1);
      for (int other = nearest - 1; other <= nearest + 1; other++) {
        boolean reaches = Reference.amax(x) > FloatFormat.E4M3.value(other) * 168 / 128;
        if (reaches) {
          double error = Reference.lm16Error(code, 1, x);
          assertThat(error).isLessThanOrEqualTo(Reference.lm16Error(other, 1, x) * (1 + 1e-5));
        }
      }
    }
  }

  @Property(tries = 300, seed = "4")
  void q40IsTheBlockOfGgml(@ForAll @IntRange(min = -20, max = 15) int power, @ForAll long seed) {
    float[] row = row(seed, power);
    Stored stored = stored(Nibble.Q4_0, row);
    for (int group = 0; group < 2; group++) {
      byte[] block = Reference.ggmlBlock(Arrays.copyOfRange(row, 32 * group, 32 * group + 32));
      assertThat(Arrays.copyOfRange(stored.scales(), 2 * group, 2 * group + 2))
          .isEqualTo(Arrays.copyOf(block, 2));
      assertThat(Arrays.copyOfRange(stored.codes(), 16 * group, 16 * group + 16))
          .isEqualTo(Arrays.copyOfRange(block, 2, 18));
      for (int i = 0; i < 32; i++) {
        int nibble = block[2 + i % 16] >> (i / 16 * 4) & 15;
        float value = (nibble - 8) * Reference.half(block[0], block[1]);
        assertThat(stored.decode()[32 * group + i]).isEqualTo(value);
      }
    }
  }

  @Property(tries = 300, seed = "5")
  void int4HasFifteenStepsFromTheSmallestToTheGreatest(
      @ForAll boolean symmetric,
      @ForAll @IntRange(min = -5, max = 10) int power,
      @ForAll long seed) {
    float[] row = row(seed, power);
    Stored stored = stored(symmetric ? Nibble.INT4_SYM : Nibble.INT4, row);
    byte[] scales = stored.scales();
    float least = row[0];
    float most = row[0];
    for (float x : row) {
      least = Math.min(least, x);
      most = Math.max(most, x);
    }
    float zero = symmetric ? 0 : Float.float16ToFloat(Float.floatToFloat16(least));
    float range = symmetric ? (float) Reference.amax(row) / 7 : (most - zero) / 15;
    float step = Float.float16ToFloat(Float.floatToFloat16(range));
    assertThat(Reference.half(scales[0], scales[1])).isEqualTo(step);
    if (!symmetric) {
      assertThat(Reference.half(scales[2], scales[3])).isEqualTo(zero);
    }
    float[] decoded = stored.decode();
    for (int i = 0; i < DIM; i++) {
      double steps = ((double) row[i] - zero) / step;
      int code = stored.code(0, i) - (symmetric ? 8 : 0);
      assertThat(code).isBetween(symmetric ? -7 : 0, symmetric ? 7 : 15);
      boolean end = code == (symmetric ? 7 : 15) && steps > code;
      assertThat((double) code).isCloseTo(steps, within(end ? 0.6 : 0.50001));
      assertThat((double) decoded[i])
          .isCloseTo((double) code * step + zero, within(1e-6 * Math.abs(most - least)));
    }
  }

  @Property(tries = 300, seed = "6")
  void turbo4IsTheNearestLevelAndKeepsTheLength(
      @ForAll @IntRange(min = -5, max = 10) int power, @ForAll long seed) {
    float[] row = row(seed, power);
    Stored stored = stored(Nibble.TURBO4, row);
    double[] levels = LloydMax.levels(4);
    double norm = norm(row);
    for (int i = 0; i < DIM; i++) {
      double x = row[i] / norm * Math.sqrt(DIM);
      int nearest = 0;
      for (int level = 1; level < 16; level++) {
        nearest = Math.abs(levels[level] - x) < Math.abs(levels[nearest] - x) ? level : nearest;
      }
      double distance = Math.abs(levels[stored.code(0, i)] - x);
      assertThat(distance).isCloseTo(Math.abs(levels[nearest] - x), within(1e-6));
    }
    assertThat(norm(stored.decode())).isCloseTo(norm, within(norm * 0x1p-11 * 1.01));
  }

  private static double norm(float[] row) {
    double squares = 0;
    for (float x : row) {
      squares += (double) x * x;
    }
    return Math.sqrt(squares);
  }

  @Property(tries = 20, seed = "7")
  void kivi4HasFifteenStepsForEachChannel(
      @ForAll @IntRange(min = -5, max = 10) int power, @ForAll long seed) {
    int tokens = 128;
    Stored stored = new Stored(Nibble.KIVI4.codec(DIM, Kernels.best()), tokens);
    float[] x = Rows.GAUSSIAN.of(tokens * DIM, seed);
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.scalb(x[i] + i % DIM / 8f, power);
    }
    stored.encode(x);
    byte[] scales = stored.scales();
    float[] decoded = stored.decode();
    for (int channel = 0; channel < DIM; channel++) {
      float least = x[channel];
      float most = x[channel];
      for (int i = channel; i < x.length; i += DIM) {
        least = Math.min(least, x[i]);
        most = Math.max(most, x[i]);
      }
      float zero = Float.float16ToFloat(Float.floatToFloat16(least));
      float step = Float.float16ToFloat(Float.floatToFloat16((most - zero) / 15));
      assertThat(Reference.half(scales[2 * channel], scales[2 * channel + 1])).isEqualTo(step);
      int at = 2 * (DIM + channel);
      assertThat(Reference.half(scales[at], scales[at + 1])).isEqualTo(zero);
      for (int token = 0; token < tokens; token++) {
        int i = token * DIM + channel;
        int code = stored.code(token, channel);
        double steps = Math.clamp(((double) x[i] - zero) / step, 0, 15);
        assertThat((double) code).isCloseTo(steps, within(0.50001));
        assertThat(decoded[i]).isEqualTo(Math.fma(code, step, zero));
      }
    }
  }
}
