package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenMantissaTest {

  private static double[] scales(byte[] bytes, int dim) {
    int groups = dim / 32;
    long word = 0;
    for (int i = 0; i < groups; i++) {
      word |= (bytes[i] & 0xFFL) << 8 * i;
    }
    int mantissaBits = dim == 64 ? 4 : 8;
    int deltaBits = dim == 64 ? 2 : dim == 128 ? 4 : 6;
    double mantissa = 1 + (word >>> 8 & (1 << mantissaBits) - 1) / Math.pow(2, mantissaBits);
    double[] scales = new double[groups];
    for (int group = 0; group < groups; group++) {
      long delta = word >>> 8 + mantissaBits + deltaBits * group & (1 << deltaBits) - 1;
      scales[group] = mantissa * Math.pow(2, (word & 0xFF) - 127 - delta);
    }
    return scales;
  }

  private static double error(float[] row, double[] scales) {
    double error = 0;
    for (int i = 0; i < row.length; i++) {
      double nearest = Double.POSITIVE_INFINITY;
      for (double level : Reference.E2M1) {
        nearest = Math.min(nearest, Math.abs(level * scales[i / 32] - row[i]));
      }
      error += nearest * nearest;
    }
    return error;
  }

  private static Stored stored(int dim, float[] row) {
    return new Stored(Nibble.MXFP4M.codec(dim, Kernels.best()), 1).encode(row);
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 128, 256})
  void scalesAreExponentMantissaAndDeltas(int dim) {
    for (int seed = 0; seed < 100; seed++) {
      float[] row = Rows.GAUSSIAN.of(dim, seed);
      for (int i = 0; i < dim; i++) {
        row[i] = Math.scalb(row[i], i / 32 % 3 - 4);
      }
      Stored stored = stored(dim, row);
      double[] scales = scales(stored.scales(), dim);
      float[] decoded = stored.decode();
      for (int i = 0; i < dim; i++) {
        double level = Reference.E2M1[stored.code(0, i)];
        assertThat((double) decoded[i]).isEqualTo(level * scales[i / 32]);
        assertThat(Math.abs(row[i]) / scales[i / 32]).isLessThan(7);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 128, 256})
  void theMantissaIsTheBestOfEight(int dim) {
    for (int seed = 0; seed < 100; seed++) {
      float[] row = Rows.GAUSSIAN.of(dim, seed);
      double least = Double.POSITIVE_INFINITY;
      for (int eighths = 8; eighths < 16; eighths++) {
        double[] scales = new double[dim / 32];
        for (int group = 0; group < scales.length; group++) {
          float[] x = Arrays.copyOfRange(row, 32 * group, 32 * group + 32);
          int exponent = Math.getExponent(Reference.amax(x) / (eighths / 8.0) / 3.5);
          scales[group] = Math.scalb(eighths / 8.0, exponent);
        }
        least = Math.min(least, error(row, scales));
      }
      double error = error(row, scales(stored(dim, row).scales(), dim));
      assertThat(error).isBetween(least * (1 - 1e-9), least * (1 + 1e-9));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 128, 256})
  void groupsFarBelowTheGreatestKeepTheLargestDelta(int dim) {
    float[] row = new float[dim];
    row[0] = 4;
    row[dim - 1] = 0x1p-100f;
    Stored stored = stored(dim, row);
    double[] scales = scales(stored.scales(), dim);
    int most = dim == 64 ? 3 : dim == 128 ? 15 : 63;
    assertThat(scales[0] / scales[scales.length - 1]).isEqualTo(Math.pow(2, most));
    assertThat(stored.decode()[0]).isEqualTo(4);
    assertThat(stored.decode()[dim - 1]).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 128, 256})
  void rowsWithoutNumbersAreNanAsAWhole(int dim) {
    float[] row = new float[dim];
    row[dim - 1] = Float.POSITIVE_INFINITY;
    Stored stored = stored(dim, row);
    assertThat(stored.scales()[0]).isEqualTo((byte) 0xFF);
    assertThat(stored.codes()).containsOnly(0);
    assertThat(stored.decode()).containsOnly(Float.NaN);
    assertThat(stored(dim, new float[dim]).scales()).containsOnly(0);
  }
}
