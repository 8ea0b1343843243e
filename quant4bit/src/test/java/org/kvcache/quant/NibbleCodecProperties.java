package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.quant.Nibble.Shape;

@Tag("vector")
class NibbleCodecProperties {

  private static final Kernels SCALAR = Kernels.scalar();
  private static final Kernels VECTOR = new VectorKernels();
  private static final Set<Nibble> POWERS_OF_TWO =
      EnumSet.of(Nibble.MXFP4, Nibble.MXFP4_OCP, Nibble.MXFP4_UQ, Nibble.MXFP4M);
  private static final Set<Nibble> IDEMPOTENT_EVERYWHERE =
      EnumSet.of(Nibble.MXFP4, Nibble.MXFP4_OCP, Nibble.MXFP4M, Nibble.LM16, Nibble.LM16_SCALED);
  private static final Set<Rows> TAME =
      EnumSet.of(Rows.GAUSSIAN, Rows.ZERO, Rows.WITH_NAN, Rows.WITH_INFINITY);

  @Provide
  Arbitrary<Shape> shapes() {
    return Arbitraries.of(Nibble.shapes());
  }

  @Provide
  Arbitrary<Shape> tokenShapes() {
    return Arbitraries.of(
        Nibble.shapes().stream().filter(shape -> shape.format() != Nibble.KIVI4).toList());
  }

  private static float[] times(float[] x, float factor) {
    float[] product = x.clone();
    for (int i = 0; i < x.length; i++) {
      product[i] *= factor;
    }
    return product;
  }

  @Property(tries = 400, seed = "1")
  void decodedRowsEncodeToTheSameValues(
      @ForAll("shapes") Shape shape, @ForAll Rows kind, @ForAll long seed) {
    Assume.that(shape.format() != Nibble.MXFP4_UQ);
    Assume.that(shape.format() != Nibble.Q4_0 || kind != Rows.WITH_INFINITY);
    Assume.that(TAME.contains(kind) || IDEMPOTENT_EVERYWHERE.contains(shape.format()));
    Stored stored = shape.stored(VECTOR, 2);
    float[] x = times(kind.of(stored.rows * shape.dim(), seed), 0.5f * shape.format().tensorScale);
    float[] decoded = stored.encode(x).decode();
    float[] twice = shape.stored(VECTOR, 2).encode(decoded).decode();
    for (int i = 0; i < twice.length; i++) {
      boolean same = twice[i] == decoded[i] || Float.isNaN(twice[i]) && Float.isNaN(decoded[i]);
      assertThat(same).as("%s, was %s", twice[i], decoded[i]).isTrue();
    }
  }

  @Property(tries = 200, seed = "2")
  void eachGroupOfRowsStandsAlone(
      @ForAll("shapes") Shape shape, @ForAll Rows kind, @ForAll long seed) {
    int groups = 4;
    Stored stored = shape.stored(VECTOR, groups);
    int rows = stored.rows / groups;
    int size = rows * shape.dim();
    float[] x = kind.of(groups * size, seed);
    List<Integer> order = new ArrayList<>(IntStream.range(0, groups).boxed().toList());
    Collections.shuffle(order, new Random(seed));
    float[] shuffled = new float[x.length];
    for (int i = 0; i < groups; i++) {
      System.arraycopy(x, order.get(i) * size, shuffled, i * size, size);
    }
    stored.encode(x);
    Stored other = shape.stored(VECTOR, groups).encode(shuffled);
    for (int i = 0; i < groups; i++) {
      int from = order.get(i) * rows;
      assertThat(other.codes(i * rows, rows)).isEqualTo(stored.codes(from, rows));
      assertThat(other.scales(i * rows, rows)).isEqualTo(stored.scales(from, rows));
    }
  }

  @Property(tries = 300, seed = "3")
  void powersOfTwoMoveTheScalesOnly(
      @ForAll("shapes") Shape shape,
      @ForAll @IntRange(min = -1, max = 6) int power,
      @ForAll long seed) {
    int exponent = POWERS_OF_TWO.contains(shape.format()) ? 15 * power : power;
    float factor = Math.scalb(1f, exponent);
    Stored stored = shape.stored(VECTOR, 2);
    float[] x =
        times(Rows.GAUSSIAN.of(stored.rows * shape.dim(), seed), shape.format().tensorScale);
    stored.encode(x);
    Stored other = shape.stored(VECTOR, 2).encode(times(x, factor));
    assertThat(other.codes()).isEqualTo(stored.codes());
    assertThat(other.decode()).isEqualTo(times(stored.decode(), factor));
  }

  @Property(tries = 200, seed = "4")
  void aRowWithoutNumbersLeavesItsNeighboursAlone(
      @ForAll("tokenShapes") Shape shape,
      @ForAll @IntRange(max = 511) int place,
      @ForAll boolean nan,
      @ForAll long seed) {
    int dim = shape.dim();
    float[] x = Rows.GAUSSIAN.of(3 * dim, seed);
    Stored clean = shape.stored(VECTOR, 3).encode(x);
    x[dim + place % dim] = nan ? Float.NaN : Float.POSITIVE_INFINITY;
    Stored dirty = shape.stored(VECTOR, 3).encode(x);
    float[] q = Rows.GAUSSIAN.of(dim, ~seed);
    for (int row : new int[] {0, 2}) {
      assertThat(dirty.codes(row, 1)).isEqualTo(clean.codes(row, 1));
      assertThat(dirty.scales(row, 1)).isEqualTo(clean.scales(row, 1));
      assertThat(dirty.score(q)[row]).isEqualTo(clean.score(q)[row]);
      assertThat(Arrays.copyOfRange(dirty.decode(), row * dim, (row + 1) * dim))
          .isEqualTo(Arrays.copyOfRange(clean.decode(), row * dim, (row + 1) * dim));
    }
    assertThat(dirty.decode()[dim + place % dim]).matches(value -> !Float.isFinite(value));
    assertThat(dirty.score(q)[1]).isNaN();
  }

  @Property(tries = 30, seed = "5")
  void whatIsNoNumberTouchesOneElementOfKivi(
      @ForAll @IntRange(max = 127) int token,
      @ForAll @IntRange(max = 63) int channel,
      @ForAll boolean nan,
      @ForAll long seed) {
    int dim = 64;
    Shape shape = new Shape(Nibble.KIVI4, dim);
    float[] x = Rows.GAUSSIAN.of(KiviCodec.TOKENS * dim, seed);
    float[] clean = shape.stored(VECTOR, 1).encode(x).decode();
    x[token * dim + channel] = nan ? Float.NaN : Float.POSITIVE_INFINITY;
    Stored stored = shape.stored(VECTOR, 1).encode(x);
    float[] dirty = stored.decode();
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (int t = 0; t < KiviCodec.TOKENS; t++) {
      least = Math.min(least, dirty[t * dim + channel]);
      most = Math.max(most, dirty[t * dim + channel]);
      for (int c = 0; c < dim; c++) {
        if (c != channel) {
          assertThat(dirty[t * dim + c]).isEqualTo(clean[t * dim + c]);
        } else if (t != token) {
          assertThat(dirty[t * dim + c]).isCloseTo(x[t * dim + c], within(0.25f));
        }
      }
    }
    assertThat(dirty[token * dim + channel]).isEqualTo(nan ? least : most);
  }

  @Property(tries = 200, seed = "6")
  void twinsAgreeOnEverything(
      @ForAll("shapes") Shape shape,
      @ForAll Rows kind,
      @ForAll @IntRange(max = 70) int rows,
      @ForAll @IntRange(min = 1, max = 3) int heads,
      @ForAll long seed) {
    int groups = shape.format() == Nibble.KIVI4 ? rows % 3 : rows;
    Stored scalar = shape.stored(SCALAR, groups);
    Stored vector = shape.stored(VECTOR, groups);
    float[] x = kind.of(scalar.rows * shape.dim(), seed);
    assertThat(vector.encode(x).all()).isEqualTo(scalar.encode(x).all());
    assertThat(Rows.bits(vector.decode())).isEqualTo(Rows.bits(scalar.decode()));
    float[] q = Rows.GAUSSIAN.of(heads * shape.dim(), seed + 1);
    assertThat(Rows.bits(vector.score(q))).isEqualTo(Rows.bits(scalar.score(q)));
    float[] weights = Rows.GAUSSIAN.of(heads * scalar.rows, seed + 2);
    assertThat(Rows.bits(vector.sum(weights))).isEqualTo(Rows.bits(scalar.sum(weights)));
  }

  @Property(tries = 200, seed = "7")
  void scoresAndSumsAreThoseOfTheDecodedRows(
      @ForAll("shapes") Shape shape,
      @ForAll @IntRange(min = 1, max = 140) int rows,
      @ForAll @IntRange(min = 1, max = 3) int heads,
      @ForAll long seed) {
    int dim = shape.dim();
    Stored stored = shape.stored(VECTOR, shape.format() == Nibble.KIVI4 ? rows % 2 + 1 : rows);
    float[] x = stored.encode(Rows.GAUSSIAN.of(stored.rows * dim, seed)).decode();
    float[] q = Rows.GAUSSIAN.of(heads * dim, seed + 1);
    float[] weights = Rows.GAUSSIAN.of(heads * stored.rows, seed + 2);
    float[] scores = stored.score(q);
    float[] sums = stored.sum(weights);
    for (int head = 0; head < heads; head++) {
      double[] sum = new double[dim];
      double[] sizes = new double[dim];
      for (int row = 0; row < stored.rows; row++) {
        double score = 0;
        double size = 0;
        for (int i = 0; i < dim; i++) {
          double product = (double) q[head * dim + i] * x[row * dim + i];
          double weighted = (double) weights[head * stored.rows + row] * x[row * dim + i];
          score += product;
          size += Math.abs(product);
          sum[i] += weighted;
          sizes[i] += Math.abs(weighted);
        }
        assertThat((double) scores[head * stored.rows + row]).isCloseTo(score, within(4e-6 * size));
      }
      for (int i = 0; i < dim; i++) {
        assertThat((double) sums[head * dim + i]).isCloseTo(sum[i], within(2e-5 * sizes[i]));
      }
    }
  }

  @Property(tries = 200, seed = "8")
  void rowsWrittenInPiecesAreTheWhole(
      @ForAll("shapes") Shape shape,
      @ForAll @IntRange(min = 1, max = 9) int groups,
      @ForAll @IntRange(max = 9) int cut,
      @ForAll @IntRange(max = 5) int offset,
      @ForAll long seed) {
    Stored whole = shape.stored(VECTOR, groups);
    int perGroup = whole.rows / groups;
    float[] x = Rows.GAUSSIAN.of(whole.rows * shape.dim(), seed);
    float[] shifted = new float[offset + x.length];
    System.arraycopy(x, 0, shifted, offset, x.length);
    int first = Math.min(cut, groups) * perGroup;
    Stored pieces = shape.stored(VECTOR, groups);
    pieces.encode(shifted, offset + first * shape.dim(), first, whole.rows - first);
    assertThat(pieces.untouchedOutside(first, whole.rows - first)).isTrue();
    pieces.encode(shifted, offset, 0, first);
    assertThat(pieces.all()).isEqualTo(whole.encode(x).all());
  }
}
