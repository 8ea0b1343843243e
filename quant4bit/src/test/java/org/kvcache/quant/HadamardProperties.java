package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

@Tag("vector")
class HadamardProperties {

  @Provide
  Arbitrary<Integer> dims() {
    return Arbitraries.of(32, 64, 128, 256, 512);
  }

  @Provide
  Arbitrary<Hadamard> transforms() {
    return Arbitraries.of(ScalarHadamard.INSTANCE, VectorHadamard.INSTANCE);
  }

  private static float[] transformed(Hadamard hadamard, float[] x) {
    float[] y = x.clone();
    hadamard.transform(y, 0, y.length);
    return y;
  }

  private static double norm(float[] x) {
    double sum = 0;
    for (float v : x) {
      sum += (double) v * v;
    }
    return Math.sqrt(sum);
  }

  @Property(tries = 200)
  void isSylvestersMatrix(
      @ForAll("transforms") Hadamard hadamard, @ForAll("dims") int dim, @ForAll long seed) {
    float[] x = Rows.GAUSSIAN.of(dim, seed);
    float[] y = transformed(hadamard, x);
    double tolerance = 1e-6 * norm(x);
    for (int i = 0; i < dim; i++) {
      double sum = 0;
      for (int j = 0; j < dim; j++) {
        sum += Integer.bitCount(i & j) % 2 == 0 ? x[j] : -x[j];
      }
      assertThat((double) y[i]).isCloseTo(sum / Math.sqrt(dim), within(tolerance));
    }
  }

  @Property
  void isItsOwnInverse(
      @ForAll("transforms") Hadamard hadamard, @ForAll("dims") int dim, @ForAll long seed) {
    float[] x = Rows.GAUSSIAN.of(dim, seed);
    float[] back = transformed(hadamard, transformed(hadamard, x));
    float tolerance = (float) (1e-6 * norm(x));
    for (int i = 0; i < dim; i++) {
      assertThat(back[i]).isCloseTo(x[i], within(tolerance));
    }
  }

  @Property
  void keepsTheNorm(
      @ForAll("transforms") Hadamard hadamard, @ForAll("dims") int dim, @ForAll long seed) {
    float[] x = Rows.GAUSSIAN.of(dim, seed);
    assertThat(norm(transformed(hadamard, x))).isCloseTo(norm(x), within(1e-6 * norm(x)));
  }

  @Property
  void isLinear(
      @ForAll("transforms") Hadamard hadamard, @ForAll("dims") int dim, @ForAll long seed) {
    float[] a = Rows.GAUSSIAN.of(dim, seed);
    float[] b = Rows.GAUSSIAN.of(dim, ~seed);
    float[] mixed = new float[dim];
    for (int i = 0; i < dim; i++) {
      mixed[i] = 3 * a[i] - b[i];
    }
    float tolerance = (float) (1e-6 * (3 * norm(a) + norm(b)));
    float[] ya = transformed(hadamard, a);
    float[] yb = transformed(hadamard, b);
    float[] y = transformed(hadamard, mixed);
    for (int i = 0; i < dim; i++) {
      assertThat(y[i]).isCloseTo(3 * ya[i] - yb[i], within(tolerance));
    }
  }

  @Property
  void impulsesBecomeExactRowsOfTheMatrix(
      @ForAll("transforms") Hadamard hadamard, @ForAll("dims") int dim) {
    float factor = (float) (1 / Math.sqrt(dim));
    for (int i = 0; i < dim; i++) {
      float[] x = new float[dim];
      x[i] = 1;
      hadamard.transform(x, 0, dim);
      for (int j = 0; j < dim; j++) {
        assertThat(x[j]).isEqualTo(Integer.bitCount(i & j) % 2 == 0 ? factor : -factor);
      }
    }
  }

  @Property
  void vectorsGiveTheBitsOfPlainJava(
      @ForAll Rows rows, @ForAll("dims") int dim, @ForAll long seed) {
    float[] x = rows.of(dim, seed);
    assertThat(Rows.bits(transformed(VectorHadamard.INSTANCE, x)))
        .isEqualTo(Rows.bits(transformed(ScalarHadamard.INSTANCE, x)));
  }

  @Property
  void touchesItsRowOnly(
      @ForAll("transforms") Hadamard hadamard, @ForAll("dims") int dim, @ForAll long seed) {
    float[] x = Rows.GAUSSIAN.of(dim + 40, seed);
    float[] y = x.clone();
    hadamard.transform(y, 17, dim);
    assertThat(Arrays.copyOf(y, 17)).isEqualTo(Arrays.copyOf(x, 17));
    assertThat(Arrays.copyOfRange(y, dim + 17, y.length))
        .isEqualTo(Arrays.copyOfRange(x, dim + 17, x.length));
    assertThat(Arrays.copyOfRange(y, 17, dim + 17))
        .isEqualTo(transformed(hadamard, Arrays.copyOfRange(x, 17, dim + 17)));
  }

  @Property(tries = 50)
  void rowsThatEndBeyondTheArrayAreRefusedUntouched(
      @ForAll("transforms") Hadamard hadamard, @ForAll("dims") int dim) {
    float[] x = Rows.GAUSSIAN.of(dim, dim);
    float[] before = x.clone();
    assertThatThrownBy(() -> hadamard.transform(x, 1, dim))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> hadamard.transform(x, -1, dim))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(x).isEqualTo(before);
  }

  @Example
  void otherSizesAreRefused() {
    for (int dim : new int[] {0, 1, 16, 96, 1024, -128}) {
      for (Hadamard hadamard : new Hadamard[] {ScalarHadamard.INSTANCE, VectorHadamard.INSTANCE}) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> hadamard.transform(new float[2048], 0, dim))
            .withMessage(
                "head dim is "
                    + dim
                    + "; the Walsh-Hadamard transform needs a power of two from 32 to 512");
      }
    }
  }
}
