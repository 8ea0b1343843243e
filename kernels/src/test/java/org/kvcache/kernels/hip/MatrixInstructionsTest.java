package org.kvcache.kernels.hip;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.net.URL;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The emulated matrix instructions against plain triple loops over matrices whose elements were put
 * into registers by the layouts of AMD's documents.
 */
class MatrixInstructionsTest {
  private static final int LANES = 64;
  private static final int NOT_A_NUMBER = 255;
  private static final float[] E2M1 = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6};

  private static MethodHandle mfma;

  private final Random random = new Random(5);

  @BeforeAll
  static void load() throws Exception {
    URL library = MatrixInstructionsTest.class.getResource("/META-INF/native/libkvcache-emu.so");
    assumeTrue(library != null, "the emulation library was not built");
    MemorySegment function =
        SymbolLookup.libraryLookup(Path.of(library.toURI()), Arena.global())
            .findOrThrow("kvcache_emu_mfma");
    mfma =
        Linker.nativeLinker()
            .downcallHandle(
                function,
                FunctionDescriptor.of(
                    JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  }

  @Test
  void halvesMultiplyAs16By16By16() throws Throwable {
    check(0, 16, new Halves(), new Halves());
  }

  @Test
  void bfloatsMultiplyAs16By16By16() throws Throwable {
    check(1, 16, new Bfloats(), new Bfloats());
  }

  @Test
  void scaledE2M1TimesE4M3MultiplyAs16By16By128() throws Throwable {
    check(2, 128, new FourBits(), new EightBits());
  }

  @Test
  void scaledE4M3MultiplyAs16By16By128() throws Throwable {
    check(3, 128, new EightBits(), new EightBits());
  }

  @Test
  void aScaleThatIsNotANumberSpoilsItsRowOnly() throws Throwable {
    Operand a = new FourBits().fill(random, 128);
    Operand b = new EightBits().fill(random, 128);
    a.scales[5 + 16 * 2] = NOT_A_NUMBER;

    float[] d = multiply(2, a, b, new float[4 * LANES]);

    for (int lane = 0; lane < LANES; lane++) {
      for (int i = 0; i < 4; i++) {
        boolean spoiled = 4 * (lane / 16) + i == 5;
        assertThat(Float.isNaN(d[4 * lane + i])).isEqualTo(spoiled);
      }
    }
  }

  private void check(int format, int depth, Operand a, Operand b) throws Throwable {
    for (int trial = 0; trial < 20; trial++) {
      a.fill(random, depth);
      b.fill(random, depth);
      float[] c = new float[4 * LANES];
      for (int i = 0; i < c.length; i++) {
        c[i] = random.nextFloat() - 0.5f;
      }
      float[] d = multiply(format, a, b, c);
      for (int lane = 0; lane < LANES; lane++) {
        for (int i = 0; i < 4; i++) {
          int row = 4 * (lane / 16) + i;
          int column = lane % 16;
          double expected = c[4 * lane + i];
          double size = Math.abs(expected);
          for (int k = 0; k < depth; k++) {
            double product = a.value(row, k) * b.value(column, k);
            expected += product;
            size += Math.abs(product);
          }
          assertThat((double) d[4 * lane + i])
              .as("row %d, column %d", row, column)
              .isCloseTo(expected, within(size * 1e-6));
        }
      }
    }
  }

  private static float[] multiply(int format, Operand a, Operand b, float[] c) throws Throwable {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment d = arena.allocate(JAVA_FLOAT, 4 * LANES);
      int result =
          (int)
              mfma.invokeExact(
                  format,
                  arena.allocateFrom(JAVA_INT, a.registers()),
                  arena.allocateFrom(JAVA_INT, b.registers()),
                  arena.allocateFrom(JAVA_INT, a.scaleRegisters()),
                  arena.allocateFrom(JAVA_INT, b.scaleRegisters()),
                  arena.allocateFrom(JAVA_FLOAT, c),
                  d);
      assertThat(result).isZero();
      return d.toArray(JAVA_FLOAT);
    }
  }

  /** Rows of A, or columns of B. */
  private abstract static class Operand {
    final int bits;
    final int[][] codes = new int[16][];
    final int[] scales = new int[LANES];

    Operand(int bits) {
      this.bits = bits;
    }

    /** The lane's quarter that holds element k of a row. */
    abstract int quarter(int k);

    /** Where it is there. */
    abstract int place(int k);

    abstract double number(int code);

    abstract int draw(Random random);

    Operand fill(Random random, int depth) {
      for (int row = 0; row < 16; row++) {
        codes[row] = random.ints(depth, 0, 1 << 16).map(_ -> draw(random)).toArray();
      }
      for (int lane = 0; lane < LANES; lane++) {
        scales[lane] = depth == 128 ? 110 + random.nextInt(30) : 127;
      }
      return this;
    }

    double value(int row, int k) {
      return number(codes[row][k]) * Math.scalb(1.0, scales[row + 16 * (k / 32)] - 127);
    }

    int[] registers() {
      int words = codes[0].length * bits / 4 / 32;
      int[] registers = new int[LANES * words];
      for (int row = 0; row < 16; row++) {
        for (int k = 0; k < codes[row].length; k++) {
          int bit = place(k) * bits;
          int lane = row + 16 * quarter(k);
          registers[lane * words + bit / 32] |= codes[row][k] << bit;
        }
      }
      return registers;
    }

    /** With other bytes above the one that counts. */
    int[] scaleRegisters() {
      int[] registers = scales.clone();
      for (int lane = 0; lane < LANES; lane++) {
        registers[lane] |= 0x5a_81_7f_00 + (lane << 16);
      }
      return registers;
    }
  }

  private abstract static class SixteenBits extends Operand {
    SixteenBits() {
      super(16);
    }

    @Override
    int quarter(int k) {
      return k / 4;
    }

    @Override
    int place(int k) {
      return k % 4;
    }
  }

  private static final class Halves extends SixteenBits {
    @Override
    double number(int code) {
      return Float.float16ToFloat((short) code);
    }

    @Override
    int draw(Random random) {
      return Float.floatToFloat16((float) random.nextGaussian()) & 0xffff;
    }
  }

  private static final class Bfloats extends SixteenBits {
    @Override
    double number(int code) {
      return Float.intBitsToFloat(code << 16);
    }

    @Override
    int draw(Random random) {
      return Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16;
    }
  }

  private static final class FourBits extends Operand {
    FourBits() {
      super(4);
    }

    @Override
    int quarter(int k) {
      return k / 32;
    }

    @Override
    int place(int k) {
      return k % 32;
    }

    @Override
    double number(int code) {
      return (code & 8) == 0 ? E2M1[code] : -E2M1[code & 7];
    }

    @Override
    int draw(Random random) {
      return random.nextInt(16);
    }
  }

  private static final class EightBits extends Operand {
    EightBits() {
      super(8);
    }

    @Override
    int quarter(int k) {
      return k / 16 % 4;
    }

    @Override
    int place(int k) {
      return k / 64 * 16 + k % 16;
    }

    @Override
    double number(int code) {
      int exponent = code >> 3 & 15;
      int mantissa = code & 7;
      double size =
          exponent == 0
              ? Math.scalb((double) mantissa, -9)
              : Math.scalb(8.0 + mantissa, exponent - 10);
      return (code & 0x80) == 0 ? size : -size;
    }

    @Override
    int draw(Random random) {
      int code = random.nextInt(256);
      return (code & 0x7f) == 0x7f ? 0 : code;
    }
  }
}
