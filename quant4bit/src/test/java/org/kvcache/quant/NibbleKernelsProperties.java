package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

@Tag("vector")
class NibbleKernelsProperties {

  private static final NibbleKernels SCALAR = ScalarNibbleKernels.INSTANCE;
  private static final NibbleKernels VECTOR = VectorNibbleKernels.INSTANCE;
  private static final int SLACK = NibbleKernels.SLACK;

  private enum Scales {
    ORDINARY {
      @Override
      float of(Random random) {
        return 0.5f + random.nextFloat();
      }
    },
    HARD {
      @Override
      float of(Random random) {
        return switch (random.nextInt(8)) {
          case 0 -> 0;
          case 1 -> Float.NaN;
          case 2 -> 1e38f;
          case 3 -> Float.MIN_VALUE * random.nextInt(1 << 20);
          default -> ORDINARY.of(random);
        };
      }
    },
    ANY_BITS {
      @Override
      float of(Random random) {
        return Float.intBitsToFloat(random.nextInt());
      }
    };

    abstract float of(Random random);
  }

  private enum Order {
    SIXTEENS,
    THIRTY_TWOS,
    ROWS,
    GGML
  }

  /** Random codes that end with the last byte of their segment. */
  private static final class Codes {

    final NibbleShape shape;
    final int rows;
    final MemorySegment memory;
    final long at;
    final float[] scales;
    final Random random;

    Codes(Order order, int dim, int rows, int lead, boolean heap, Scales kind, long seed) {
      random = new Random(seed);
      float[] table = new float[16];
      for (int i = 0; i < 16; i++) {
        table[i] = (i < 8 ? 1 : -1) * (i % 8 + random.nextFloat());
      }
      shape =
          switch (order) {
            case SIXTEENS -> NibbleShape.natural(dim, 16, table);
            case THIRTY_TWOS -> NibbleShape.natural(dim, 32, table);
            case ROWS -> NibbleShape.natural(dim, dim, table);
            case GGML -> NibbleShape.halves(dim, table);
          };
      this.rows = rows;
      at = lead;
      byte[] bytes = new byte[lead + rows * shape.rowBytes()];
      random.nextBytes(bytes);
      MemorySegment onHeap = MemorySegment.ofArray(bytes);
      memory = heap ? onHeap : Arena.ofAuto().allocate(bytes.length).copyFrom(onHeap);
      scales = new float[rows * shape.groups + SLACK];
      for (int i = 0; i < scales.length; i++) {
        scales[i] = i < rows * shape.groups ? kind.of(random) : Float.NaN;
      }
    }

    float[] floats(int count) {
      float[] floats = new float[count];
      for (int i = 0; i < count; i++) {
        floats[i] = (float) random.nextGaussian();
      }
      return floats;
    }

    double value(int row, int element) {
      int within = element % 32;
      int code = shape.isNatural() ? within : within % 16 * 2 + within / 16;
      int position = element - within + code;
      int bits =
          memory.get(ScalarNibbleKernels.WORD, at + row * shape.rowBytes() + position / 8 * 4);
      double scale = scales[row * shape.groups + element / shape.group];
      return scale * shape.table[bits >>> position % 8 * 4 & 15];
    }

    float[] planes(float[] row) {
      float[] planes = new float[row.length + SLACK];
      shape.toPlanes(row, 0, planes, 0);
      for (int i = row.length; i < planes.length; i++) {
        planes[i] = Float.NaN;
      }
      return planes;
    }
  }

  @Provide
  Arbitrary<Integer> dims() {
    return Arbitraries.of(32, 64, 96, 128, 160, 192, 256, 512);
  }

  @Property(tries = 600, seed = "1")
  void twinsDecodeToTheSameBits(
      @ForAll Order order,
      @ForAll("dims") int dim,
      @ForAll @IntRange(max = 130) int rows,
      @ForAll @IntRange(max = 9) int lead,
      @ForAll boolean heap,
      @ForAll Scales kind,
      @ForAll long seed) {
    Codes codes = new Codes(order, dim, rows, lead, heap, kind, seed);
    float[] expected = new float[rows * dim + 7];
    float[] actual = new float[rows * dim + 7];
    SCALAR.decode(codes.shape, codes.memory, codes.at, codes.scales, rows, expected, 4);
    VECTOR.decode(codes.shape, codes.memory, codes.at, codes.scales, rows, actual, 4);
    assertThat(Rows.bits(actual)).isEqualTo(Rows.bits(expected));
    for (int i = 0; i < rows * dim; i++) {
      float value = (float) codes.value(i / dim, i % dim);
      assertThat(Float.compare(expected[4 + i], value)).isZero();
    }
  }

  @Property(tries = 600, seed = "2")
  void twinsScoreToTheSameBits(
      @ForAll Order order,
      @ForAll("dims") int dim,
      @ForAll @IntRange(max = 130) int rows,
      @ForAll @IntRange(max = 9) int lead,
      @ForAll boolean heap,
      @ForAll Scales kind,
      @ForAll long seed) {
    Codes codes = new Codes(order, dim, rows, lead, heap, kind, seed);
    float[] query = codes.planes(codes.floats(dim));
    float[] lanes = new float[rows * SLACK];
    float[] expected = new float[rows + 5];
    float[] actual = new float[rows + 5];
    SCALAR.score(
        codes.shape, query, 0, codes.memory, codes.at, codes.scales, rows, expected, 2, lanes);
    VECTOR.score(
        codes.shape, query, 0, codes.memory, codes.at, codes.scales, rows, actual, 2, lanes);
    assertThat(Rows.bits(actual)).isEqualTo(Rows.bits(expected));
  }

  @Property(tries = 600, seed = "3")
  void twinsAddToTheSameBits(
      @ForAll Order order,
      @ForAll("dims") int dim,
      @ForAll @IntRange(max = 130) int rows,
      @ForAll @IntRange(max = 9) int lead,
      @ForAll boolean heap,
      @ForAll Scales kind,
      @ForAll long seed) {
    Codes codes = new Codes(order, dim, rows, lead, heap, kind, seed);
    float[] weights = codes.floats(3 + rows);
    float[] expected = codes.floats(dim + 9);
    float[] actual = expected.clone();
    SCALAR.add(codes.shape, weights, 3, codes.memory, codes.at, codes.scales, rows, expected, 5);
    VECTOR.add(codes.shape, weights, 3, codes.memory, codes.at, codes.scales, rows, actual, 5);
    assertThat(Rows.bits(actual)).isEqualTo(Rows.bits(expected));
  }

  @Property(tries = 200, seed = "4")
  void scoresAndSumsAreThoseOfTheDecodedRows(
      @ForAll Order order,
      @ForAll("dims") int dim,
      @ForAll @IntRange(min = 1, max = 70) int rows,
      @ForAll @IntRange(max = 9) int lead,
      @ForAll long seed) {
    Codes codes = new Codes(order, dim, rows, lead, false, Scales.ORDINARY, seed);
    float[] q = codes.floats(dim);
    float[] scores = new float[rows];
    float[] lanes = new float[rows * SLACK];
    VECTOR.score(
        codes.shape,
        codes.planes(q),
        0,
        codes.memory,
        codes.at,
        codes.scales,
        rows,
        scores,
        0,
        lanes);
    double[] sums = new double[dim];
    double[] sizes = new double[dim];
    float[] weights = codes.floats(rows);
    for (int row = 0; row < rows; row++) {
      double score = 0;
      double size = 0;
      for (int i = 0; i < dim; i++) {
        double value = codes.value(row, i);
        score += q[i] * value;
        size += Math.abs(q[i] * value);
        sums[i] += weights[row] * value;
        sizes[i] += Math.abs(weights[row] * value);
      }
      assertThat((double) scores[row]).isCloseTo(score, within(1e-6 * size));
    }
    float[] planes = new float[dim];
    VECTOR.add(codes.shape, weights, 0, codes.memory, codes.at, codes.scales, rows, planes, 0);
    float[] sum = new float[dim];
    codes.shape.fromPlanes(planes, 0, sum, 0);
    for (int i = 0; i < dim; i++) {
      assertThat((double) sum[i]).isCloseTo(sums[i], within(4e-6 * sizes[i]));
    }
  }

  @Property(tries = 300, seed = "5")
  void twinsReadTheSameScales(
      @ForAll @IntRange(max = 600) int count,
      @ForAll @IntRange(max = 9) int lead,
      @ForAll boolean heap,
      @ForAll long seed) {
    byte[] bytes = new byte[lead + count];
    new Random(seed).nextBytes(bytes);
    MemorySegment onHeap = MemorySegment.ofArray(bytes);
    MemorySegment memory = heap ? onHeap : Arena.ofAuto().allocate(bytes.length).copyFrom(onHeap);
    float[] expected = new float[count + 2];
    float[] actual = new float[count + 2];
    SCALAR.ue8m0(memory, lead, count, expected);
    VECTOR.ue8m0(memory, lead, count, actual);
    assertThat(Rows.bits(actual)).isEqualTo(Rows.bits(expected));
    for (int i = 0; i < count; i++) {
      int code = bytes[lead + i] & 0xFF;
      float scale = code == 255 ? Float.NaN : (float) Math.pow(2, code - 127);
      assertThat(Float.compare(expected[i], scale)).isZero();
    }
    SCALAR.e4m3(memory, lead, count, 0.3f, expected);
    VECTOR.e4m3(memory, lead, count, 0.3f, actual);
    assertThat(Rows.bits(actual)).isEqualTo(Rows.bits(expected));
    for (int i = 0; i < count; i++) {
      int code = bytes[lead + i] & 0xFF;
      float scale = (code & 127) == 127 ? Float.NaN : (float) FloatFormat.E4M3.value(code) * 0.3f;
      assertThat(Float.compare(expected[i], scale)).isZero();
    }
  }
}
