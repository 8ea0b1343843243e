package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * {@code turbo4}: TurboQuant for squared error (arXiv 2504.19874) with four bits. A rotated row of
 * length one has nearly normal elements of variance {@code 1 / dim}; each becomes the index of the
 * nearest {@link LloydMax} level, and the row's length is stored as binary16, divided by the length
 * of what the indices stand for ("norm correction", as vLLM stores it). The rotation is the
 * scheme's.
 */
final class Turbo4 implements GroupFormat {

  private static final double[] LEVELS = LloydMax.levels(4);

  private final NibbleShape shape;
  private final float[] boundaries;

  Turbo4(int dim) {
    shape = NibbleShape.natural(dim, dim, table(dim));
    boundaries = boundaries(dim);
  }

  @Override
  public NibbleShape shape() {
    return shape;
  }

  private static float[] table(int dim) {
    float[] table = new float[16];
    for (int i = 0; i < 16; i++) {
      table[i] = (float) (LEVELS[i] / Math.sqrt(dim));
    }
    return table;
  }

  private static float[] boundaries(int dim) {
    float[] boundaries = new float[15];
    for (int i = 0; i < 15; i++) {
      boundaries[i] = (float) ((LEVELS[i] + LEVELS[i + 1]) / 2 / Math.sqrt(dim));
    }
    return boundaries;
  }

  @Override
  public int scaleBytes() {
    return 2;
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    for (int row = 0; row < count; row++) {
      int from = offset + row * shape.dim;
      long to = codes + (long) row * shape.rowBytes();
      double norm = norm(rows, from);
      short stored = 0;
      if (Double.isNaN(norm) || Double.isInfinite(norm)) {
        stored = Fp16.encode(Float.NaN);
        GroupEncoders.zero(memory, to, shape.rowBytes());
      } else {
        stored = Int4.clamped((float) (norm / write(rows, from, norm, memory, to)));
      }
      memory.set(ScalarNibbleKernels.SHORT, scales + 2L * row, stored);
    }
  }

  private double norm(float[] rows, int from) {
    double squares = 0;
    for (int i = from; i < from + shape.dim; i++) {
      squares += (double) rows[i] * rows[i];
    }
    return Math.sqrt(squares);
  }

  /** Writes codes and returns the length of what they stand for. */
  private double write(float[] rows, int from, double norm, MemorySegment memory, long codes) {
    double squares = 0;
    double inverse = norm == 0 ? 0 : 1 / norm;
    for (int i = 0; i < shape.dim; i += 2) {
      int low = index((float) (rows[from + i] * inverse));
      int high = index((float) (rows[from + i + 1] * inverse));
      memory.set(JAVA_BYTE, codes + i / 2, (byte) (low | (high << 4)));
      float a = shape.table[low];
      float b = shape.table[high];
      squares += (double) a * a + (double) b * b;
    }
    return Math.sqrt(squares);
  }

  private int index(float x) {
    int index = 0;
    for (float boundary : boundaries) {
      index += x > boundary ? 1 : 0;
    }
    return index;
  }

  @Override
  public void scales(MemorySegment memory, long from, int count, float[] scales, float[] zeros) {
    for (int row = 0; row < count; row++) {
      scales[row] = Fp16.decode(memory.get(ScalarNibbleKernels.SHORT, from + 2L * row));
    }
  }
}
