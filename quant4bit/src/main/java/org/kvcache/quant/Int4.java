package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * {@code int4}: sixteen even steps for each token. The rule {@code asym} stores the step and the
 * smallest element, both binary16; {@code sym} the step alone, for codes 1 to 15 that mean -7 to 7.
 */
record Int4(NibbleShape shape, boolean hasZeros) implements GroupFormat {

  private static final float LARGEST_FP16 = 65504;

  Int4(int dim, String rule) {
    this(NibbleShape.natural(dim, dim, table(rule.equals("asym") ? 0 : 8)), rule.equals("asym"));
  }

  private static float[] table(int zero) {
    float[] table = new float[16];
    for (int code = 0; code < 16; code++) {
      table[code] = code - zero;
    }
    return table;
  }

  @Override
  public int scaleBytes() {
    return hasZeros ? 4 : 2;
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    for (int row = 0; row < count; row++) {
      int from = offset + row * shape.dim;
      long to = codes + (long) row * shape.rowBytes();
      long scale = scales + (long) row * scaleBytes();
      if (hasZeros) {
        asymmetric(rows, from, memory, to, scale);
      } else {
        symmetric(rows, from, memory, to, scale);
      }
    }
  }

  private void asymmetric(float[] rows, int from, MemorySegment memory, long codes, long scales) {
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + shape.dim; i++) {
      least = Math.min(least, rows[i]);
      most = Math.max(most, rows[i]);
    }
    short zero = clamped(least);
    short step = step(most, Fp16.decode(zero));
    memory.set(ScalarNibbleKernels.SHORT, scales, step);
    memory.set(ScalarNibbleKernels.SHORT, scales + 2, zero);
    write(rows, from, Fp16.decode(step), Fp16.decode(zero), 0, 0, memory, codes);
  }

  private void symmetric(float[] rows, int from, MemorySegment memory, long codes, long scales) {
    int amax = ScalarGroupEncoders.INSTANCE.greatest(rows, from, shape.dim);
    short step = clamped(Float.intBitsToFloat(amax) / 7);
    memory.set(ScalarNibbleKernels.SHORT, scales, step);
    write(rows, from, Fp16.decode(step), 0, 8, 1, memory, codes);
  }

  /** A fifteenth of the way from {@code zero} to {@code most}. */
  static short step(float most, float zero) {
    return clamped((most - zero) / 15);
  }

  /** The nearest binary16; finite unless {@code x} is not, and NaN then. */
  static short clamped(float x) {
    if (!Float.isFinite(x)) {
      return Fp16.encode(Float.NaN);
    }
    return Fp16.encode(Math.clamp(x, -LARGEST_FP16, LARGEST_FP16));
  }

  private void write(
      float[] rows,
      int from,
      float step,
      float zero,
      int shift,
      int least,
      MemorySegment memory,
      long codes) {
    for (int i = 0; i < shape.dim; i += 2) {
      int low = code(rows[from + i], step, zero, shift, least);
      int high = code(rows[from + i + 1], step, zero, shift, least);
      memory.set(JAVA_BYTE, codes + i / 2, (byte) (low | (high << 4)));
    }
  }

  static int code(float x, float step, float zero, int shift, int least) {
    // NaN, of a row that is NaN, becomes 0.
    int code = step == 0 ? 0 : (int) Math.rint((x - zero) / step);
    return Float.isNaN(step) ? 0 : Math.clamp(code + (long) shift, least, 15);
  }

  @Override
  public void scales(MemorySegment memory, long from, int count, float[] scales, float[] zeros) {
    for (int row = 0; row < count; row++) {
      long at = from + (long) row * scaleBytes();
      scales[row] = Fp16.decode(memory.get(ScalarNibbleKernels.SHORT, at));
      if (hasZeros) {
        zeros[row] = Fp16.decode(memory.get(ScalarNibbleKernels.SHORT, at + 2));
      }
    }
  }
}
