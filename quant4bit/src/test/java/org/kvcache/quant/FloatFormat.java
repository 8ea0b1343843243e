package org.kvcache.quant;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A number format by its fields, in double.
 *
 * @param lastCode the largest magnitude; for formats with infinities the code of infinity, whose
 *     fields stand for the power of two that finite values round up to
 */
record FloatFormat(int exponentBits, int mantissaBits, int lastCode, double[] magnitudes) {

  static final FloatFormat E2M1 = of(2, 1, 7);
  static final FloatFormat E4M3 = of(4, 3, 0x7E);
  static final FloatFormat FP16 = of(5, 10, 0x7C00);
  static final FloatFormat BF16 = of(8, 7, 0x7F80);

  private static FloatFormat of(int exponentBits, int mantissaBits, int lastCode) {
    int bias = (1 << (exponentBits - 1)) - 1;
    double[] magnitudes =
        IntStream.rangeClosed(0, lastCode)
            .mapToDouble(code -> {
              int exponent = code >> mantissaBits;
              double fraction = (code - (exponent << mantissaBits)) / (double) (1 << mantissaBits);
              return exponent == 0
                  ? fraction * Math.pow(2, 1 - bias)
                  : (1 + fraction) * Math.pow(2, exponent - bias);
            })
            .toArray();
    return new FloatFormat(exponentBits, mantissaBits, lastCode, magnitudes);
  }

  int signBit() {
    return 1 << (exponentBits + mantissaBits);
  }

  /** The value of a code up to {@link #lastCode}, or of its negative. */
  double value(int code) {
    double magnitude = magnitudes[code & (signBit() - 1)];
    return (code & signBit()) == 0 ? magnitude : -magnitude;
  }

  /** The nearest code, ties to even, of anything but NaN. */
  int nearest(float x) {
    int sign = Float.floatToRawIntBits(x) < 0 ? signBit() : 0;
    double magnitude = Math.abs((double) x);
    int found = Arrays.binarySearch(magnitudes, magnitude);
    if (found >= 0) {
      return sign | found;
    }
    int above = -found - 1;
    if (above > lastCode) {
      return sign | lastCode;
    }
    double middle = (magnitudes[above - 1] + magnitudes[above]) / 2;
    int tie = (above & 1) == 0 ? above : above - 1;
    int code = magnitude == middle ? tie : magnitude < middle ? above - 1 : above;
    return sign | code;
  }

  /** Midpoints and their neighbours, zeros, infinities, subnormals and a million more. No NaN. */
  float[] probes() {
    Random random = new Random(20261122);
    float[] probes = new float[6 * lastCode + 6 + 100_000 + 1_000_000];
    int n = 0;
    for (int code = 0; code < lastCode; code++) {
      float middle = (float) ((magnitudes[code] + magnitudes[code + 1]) / 2);
      for (float x : new float[] {middle, Math.nextUp(middle), Math.nextDown(middle)}) {
        probes[n++] = x;
        probes[n++] = -x;
      }
    }
    for (float x : new float[] {0, Float.POSITIVE_INFINITY, Float.MAX_VALUE}) {
      probes[n++] = x;
      probes[n++] = -x;
    }
    for (int i = 0; i < 100_000; i++) {
      probes[n++] = Float.intBitsToFloat(random.nextInt() & 0x807F_FFFF);
    }
    while (n < probes.length) {
      float x = Float.intBitsToFloat(random.nextInt());
      if (!Float.isNaN(x)) {
        probes[n++] = x;
      }
    }
    return probes;
  }
}
