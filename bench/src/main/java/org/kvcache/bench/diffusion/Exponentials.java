package org.kvcache.bench.diffusion;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Exponentials of runs of binary32 numbers, to a few ulp: {@code exp(x) = 2^n · exp(r)} with {@code
 * n} the integer nearest to {@code x · log2 e}, and Taylor's series of degree 7 for {@code exp(r)}.
 * Vector API's own exponential may give other bits once it is compiled.
 */
final class Exponentials {

  /** At most 512 bits: runs are multiples of 16 elements. */
  static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  // Beyond these the result is no normal number.
  private static final float LEAST = -87;
  private static final float MOST = 88;

  private static final float LOG2_E = (float) (1 / Math.log(2));

  /** Adding it rounds to an integer, which the low bits of the sum then hold. */
  private static final float ROUNDER = 0x1.8p23f;

  // ln 2 in two parts; the first has few enough bits for n times it to be exact.
  private static final float LN2_HIGH = 0x1.62p-1f;
  private static final float LN2_LOW = (float) (Math.log(2) - LN2_HIGH);

  private Exponentials() {}

  /**
   * Replaces each {@code x} by {@code exp(scale · x + shift)}, where arguments beyond [−87, 88]
   * count as these.
   *
   * @param count a multiple of 16
   */
  static void replace(float[] x, int offset, int count, float scale, float shift) {
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector rounder = FloatVector.broadcast(FLOATS, ROUNDER);
    for (int i = offset; i < offset + count; i += FLOATS.length()) {
      FloatVector y =
          FloatVector.fromArray(FLOATS, x, i)
              .fma(scales, FloatVector.broadcast(FLOATS, shift))
              .max(LEAST)
              .min(MOST);
      FloatVector shifted = y.fma(FloatVector.broadcast(FLOATS, LOG2_E), rounder);
      FloatVector n = shifted.sub(rounder);
      FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), y);
      r = n.fma(FloatVector.broadcast(FLOATS, -LN2_LOW), r);
      FloatVector series = FloatVector.broadcast(FLOATS, 1f / 5040);
      series = series.fma(r, FloatVector.broadcast(FLOATS, 1f / 720));
      series = series.fma(r, FloatVector.broadcast(FLOATS, 1f / 120));
      series = series.fma(r, FloatVector.broadcast(FLOATS, 1f / 24));
      series = series.fma(r, FloatVector.broadcast(FLOATS, 1f / 6));
      series = series.fma(r, FloatVector.broadcast(FLOATS, 1f / 2));
      series = series.mul(r).fma(r, r).add(1);
      series
          .reinterpretAsInts()
          .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
          .reinterpretAsFloats()
          .intoArray(x, i);
    }
  }
}
