package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * {@code mxfp4m}: MXFP4 in the same bytes, whose scales have a mantissa for each token. The
 * exponents of a rotated row hardly differ, so the bytes that MXFP4 spends on them hold the
 * greatest of them, a mantissa common to the row and how far each group lies below:
 *
 * <pre>
 * bits 0-7 exponent E (UE8M0) | mantissa M, 4 bits for 2 groups, else 8 | a delta for each group
 * scale of group g = 2^(E - 127 - delta_g) · (1 + M / 2^bits)
 * </pre>
 *
 * <p>The mantissa is the best of eight for the row.
 */
final class TokenMantissa implements GroupFormat {

  private static final int CANDIDATES = 8;
  private static final int NAN = ScaleRule.NAN;

  private final NibbleShape shape;
  private final int groups;
  private final int mantissaBits;
  private final int deltaBits;

  TokenMantissa(int dim) {
    if (dim != 64 && dim != 128 && dim != 256) {
      throw new IllegalArgumentException(
          "head dim is " + dim + "; mxfp4m packs its scales for 64, 128 and 256");
    }
    shape = NibbleShape.natural(dim, 32, E2M1.VALUES);
    groups = shape.groups;
    mantissaBits = groups == 2 ? 4 : 8;
    deltaBits = (8 * groups - 8 - mantissaBits) / groups;
  }

  @Override
  public NibbleShape shape() {
    return shape;
  }

  @Override
  public int scaleBytes() {
    return groups;
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    for (int row = 0; row < count; row++) {
      int from = offset + row * shape.dim;
      long to = codes + (long) row * shape.rowBytes();
      long word = word(rows, from);
      for (int i = 0; i < groups; i++) {
        memory.set(JAVA_BYTE, scales + (long) row * groups + i, (byte) (word >>> (8 * i)));
      }
      if ((word & 0xFF) == NAN
          || ScalarGroupEncoders.INSTANCE.greatest(rows, from, shape.dim) == 0) {
        GroupEncoders.zero(memory, to, shape.rowBytes());
        continue;
      }
      for (int group = 0; group < groups; group++) {
        float scale = scale(word, group);
        for (int i = group * 32; i < group * 32 + 32; i += 2) {
          int low = E2M1.encode(rows[from + i] / scale);
          int high = E2M1.encode(rows[from + i + 1] / scale);
          memory.set(JAVA_BYTE, to + i / 2, (byte) (low | (high << 4)));
        }
      }
    }
  }

  /** The scales of a row that leave the least squared error. */
  private long word(float[] rows, int from) {
    int amax = ScalarGroupEncoders.INSTANCE.greatest(rows, from, shape.dim);
    if (amax == 0) {
      return 0;
    }
    if (ScaleRule.T7.scale(amax) == NAN) {
      return NAN;
    }
    long best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int candidate = 0; candidate < CANDIDATES; candidate++) {
      long word = word(rows, from, candidate << (mantissaBits - 3));
      double error = error(rows, from, word);
      if (error < least) {
        least = error;
        best = word;
      }
    }
    return best;
  }

  private long word(float[] rows, int from, int mantissa) {
    float m = 1 + (float) mantissa / (1 << mantissaBits);
    int exponent = 0;
    for (int group = 0; group < groups; group++) {
      exponent = Math.max(exponent, exponent(rows, from, group, m));
    }
    long word = exponent | ((long) mantissa << 8);
    for (int group = 0; group < groups; group++) {
      int delta = exponent - exponent(rows, from, group, m);
      long most = (1L << deltaBits) - 1;
      word |= Math.min(delta, most) << (8 + mantissaBits + deltaBits * group);
    }
    return word;
  }

  private static int exponent(float[] rows, int from, int group, float m) {
    int amax = ScalarGroupEncoders.INSTANCE.greatest(rows, from + group * 32, 32);
    return ScaleRule.T7.scale(Float.floatToRawIntBits(Float.intBitsToFloat(amax) / m));
  }

  private double error(float[] rows, int from, long word) {
    double error = 0;
    for (int i = 0; i < shape.dim; i++) {
      float scale = scale(word, i / 32);
      double difference = E2M1.decode(E2M1.encode(rows[from + i] / scale)) * scale - rows[from + i];
      error += difference * difference;
    }
    return error;
  }

  private float scale(long word, int group) {
    int exponent = (int) (word & 0xFF);
    if (exponent == NAN) {
      return Float.NaN;
    }
    int mantissa = (int) (word >>> 8) & ((1 << mantissaBits) - 1);
    int shift = 8 + mantissaBits + deltaBits * group;
    int delta = (int) (word >>> shift) & ((1 << deltaBits) - 1);
    float m = 1 + (float) mantissa / (1 << mantissaBits);
    return Math.scalb(m, exponent - 127 - delta);
  }

  @Override
  public void scales(MemorySegment memory, long from, int count, float[] scales, float[] zeros) {
    for (int row = 0; row < count; row++) {
      long word = 0;
      for (int i = 0; i < groups; i++) {
        word |= (memory.get(JAVA_BYTE, from + (long) row * groups + i) & 0xFFL) << (8 * i);
      }
      for (int group = 0; group < groups; group++) {
        scales[row * groups + group] = scale(word, group);
      }
    }
  }
}
