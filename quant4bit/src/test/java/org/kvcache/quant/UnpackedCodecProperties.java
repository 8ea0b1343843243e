package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.spi.TensorCodec;

@Tag("vector")
class UnpackedCodecProperties {

  private static final Kernels SCALAR = Kernels.scalar();
  private static final Kernels VECTOR = new VectorKernels();

  @Provide
  Arbitrary<Integer> dims() {
    return Arbitraries.of(16, 32, 48, 64, 96, 128, 192, 256, 512);
  }

  @Property
  void decodedRowsEncodeToTheSameCodes(
      @ForAll Unpacked format, @ForAll Rows kind, @ForAll("dims") int dim, @ForAll long seed) {
    Plane plane = new Plane(format, dim, VECTOR, 3);
    plane.encode(kind.of(3 * dim, seed));
    float[] decoded = plane.decode();
    Plane again = new Plane(format, dim, VECTOR, 3);
    again.encode(decoded);
    assertThat(again.codes()).isEqualTo(plane.codes());
    float[] twice = again.decode();
    for (int i = 0; i < twice.length; i++) {
      if (Float.isNaN(decoded[i])) {
        assertThat(twice[i]).isNaN();
      } else {
        assertThat(twice[i]).isCloseTo(decoded[i], within(2 * Math.ulp(decoded[i])));
      }
    }
  }

  @Property
  void eachRowStandsAlone(
      @ForAll Unpacked format, @ForAll Rows kind, @ForAll("dims") int dim, @ForAll long seed) {
    int rows = 5;
    float[] x = kind.of(rows * dim, seed);
    List<Integer> order = new ArrayList<>(IntStream.range(0, rows).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    float[] shuffled = new float[x.length];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(x, order.get(r) * dim, shuffled, r * dim, dim);
    }
    Plane plane = new Plane(format, dim, VECTOR, rows);
    plane.encode(x);
    Plane other = new Plane(format, dim, VECTOR, rows);
    other.encode(shuffled);
    for (int r = 0; r < rows; r++) {
      assertThat(other.row(r)).isEqualTo(plane.row(order.get(r)));
    }
  }

  @Property
  void aRowWithoutNumbersLeavesItsNeighboursAlone(
      @ForAll Unpacked format, @ForAll("dims") int dim, @ForAll long seed) {
    float[] x = Rows.GAUSSIAN.of(3 * dim, seed);
    Plane clean = new Plane(format, dim, VECTOR, 3);
    clean.encode(x);
    x[dim + Math.floorMod(seed, dim)] = Float.NaN;
    x[dim] = Float.POSITIVE_INFINITY;
    Plane dirty = new Plane(format, dim, VECTOR, 3);
    dirty.encode(x);
    assertThat(dirty.row(0)).isEqualTo(clean.row(0));
    assertThat(dirty.row(1)).isNotEqualTo(clean.row(1));
    assertThat(dirty.row(2)).isEqualTo(clean.row(2));
    float[] q = Rows.GAUSSIAN.of(dim, ~seed);
    float[] scores = dirty.score(q, 1);
    assertThat(scores[0]).isEqualTo(clean.score(q, 1)[0]);
    assertThat(scores[2]).isEqualTo(clean.score(q, 1)[2]);
  }

  @Property
  void rowScalesFollowPowersOfTwo(
      @ForAll("dims") int dim,
      @ForAll @IntRange(min = -60, max = 60) int power,
      @ForAll long seed) {
    float[] x = Rows.GAUSSIAN.of(2 * dim, seed);
    float factor = (float) Math.pow(2, power);
    float[] scaled = x.clone();
    for (int i = 0; i < x.length; i++) {
      scaled[i] *= factor;
    }
    Plane plane = new Plane(Unpacked.FP8_ROW, dim, VECTOR, 2);
    plane.encode(x);
    Plane other = new Plane(Unpacked.FP8_ROW, dim, VECTOR, 2);
    other.encode(scaled);
    assertThat(other.codes()).isEqualTo(plane.codes());
    assertThat(other.scale(0)).isEqualTo(plane.scale(0) * factor);
    assertThat(other.scale(1)).isEqualTo(plane.scale(1) * factor);
  }

  @Property
  void vectorsGiveTheBitsOfPlainJava(
      @ForAll Unpacked format,
      @ForAll Rows kind,
      @ForAll("dims") int dim,
      @ForAll @IntRange(min = 1, max = 40) int rows,
      @ForAll @IntRange(min = 1, max = 3) int heads,
      @ForAll long seed) {
    float[] x = kind.of(rows * dim, seed);
    float[] q = Rows.GAUSSIAN.of(heads * dim, seed + 1);
    float[] weights = Rows.GAUSSIAN.of(heads * rows, seed + 2);
    Plane scalar = new Plane(format, dim, SCALAR, rows);
    Plane vector = new Plane(format, dim, VECTOR, rows);
    scalar.encode(x);
    vector.encode(x);
    assertThat(vector.codes()).isEqualTo(scalar.codes());
    assertThat(vector.scales()).isEqualTo(scalar.scales());
    assertThat(Rows.bits(vector.decode())).isEqualTo(Rows.bits(scalar.decode()));
    assertThat(Rows.bits(vector.score(q, heads))).isEqualTo(Rows.bits(scalar.score(q, heads)));
    assertThat(Rows.bits(vector.sum(weights, heads)))
        .isEqualTo(Rows.bits(scalar.sum(weights, heads)));
  }

  @Property
  void scoresAreSixteenChainsFoldedInHalves(
      @ForAll Unpacked format, @ForAll("dims") int dim, @ForAll long seed) {
    int rows = 20;
    Plane plane = new Plane(format, dim, VECTOR, rows);
    plane.encode(Rows.GAUSSIAN.of(rows * dim, seed));
    float[] elements = plane.decodeWithoutScales();
    float[] q = Rows.GAUSSIAN.of(2 * dim, ~seed);
    float[] scores = plane.score(q, 2);
    for (int i = 0; i < scores.length; i++) {
      int head = i / rows;
      int row = i % rows;
      float[] lanes = new float[16];
      for (int d = 0; d < dim; d++) {
        lanes[d % 16] = Math.fma(q[head * dim + d], elements[row * dim + d], lanes[d % 16]);
      }
      for (int half = 8; half > 0; half /= 2) {
        for (int lane = 0; lane < half; lane++) {
          lanes[lane] += lanes[lane + half];
        }
      }
      assertThat(scores[i]).isEqualTo(lanes[0] * plane.scale(row));
    }
  }

  @Property
  void sumsAddRowByRow(@ForAll Unpacked format, @ForAll("dims") int dim, @ForAll long seed) {
    int rows = 20;
    Plane plane = new Plane(format, dim, VECTOR, rows);
    plane.encode(Rows.GAUSSIAN.of(rows * dim, seed));
    float[] elements = plane.decodeWithoutScales();
    float[] weights = Rows.GAUSSIAN.of(2 * rows, ~seed);
    float[] expected = new float[2 * dim];
    for (int head = 0; head < 2; head++) {
      for (int r = 0; r < rows; r++) {
        float weight = weights[head * rows + r] * plane.scale(r);
        for (int d = 0; d < dim; d++) {
          int at = head * dim + d;
          expected[at] = Math.fma(weight, elements[r * dim + d], expected[at]);
        }
      }
    }
    assertThat(plane.sum(weights, 2)).isEqualTo(expected);
  }

  @Property
  void onlyTheBytesOfTheRowsAreWritten(
      @ForAll Unpacked format,
      @ForAll("dims") int dim,
      @ForAll @IntRange(max = 9) int lead,
      @ForAll boolean vector) {
    TensorCodec codec = format.codec(dim, vector ? VECTOR : SCALAR);
    int codeBytes = (int) codec.codeBytes(2);
    int scaleBytes = (int) codec.scaleBytes(2);
    byte[] bytes = new byte[lead + codeBytes + 3 + scaleBytes + 5];
    Arrays.fill(bytes, (byte) 0x5A);
    int scales = lead + codeBytes + 3;
    codec.encode(new float[2 * dim + 7], 7, 2, MemorySegment.ofArray(bytes), lead, scales);
    for (int i = 0; i < bytes.length; i++) {
      boolean inside = i >= lead && i < lead + codeBytes || i >= scales && i < scales + scaleBytes;
      if (!inside) {
        assertThat(bytes[i]).isEqualTo((byte) 0x5A);
      } else if (i < scales) {
        assertThat(bytes[i]).isZero();
      }
    }
  }
}
