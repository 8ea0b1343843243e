package org.kvcache.quant;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Rows in plain Java. */
enum ScalarRowKernels implements RowKernels {
  INSTANCE;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);

  @Override
  public void encode(
      RowElement element,
      float[] rows,
      int offset,
      int length,
      float scale,
      MemorySegment memory,
      long codes) {
    switch (element) {
      case E4M3 -> {
        for (int i = 0; i < length; i++) {
          memory.set(ValueLayout.JAVA_BYTE, codes + i, E4M3.encode(rows[offset + i] / scale));
        }
      }
      case FP16 -> {
        for (int i = 0; i < length; i++) {
          memory.set(SHORT, codes + 2L * i, Fp16.encode(rows[offset + i] / scale));
        }
      }
      case BF16 -> {
        for (int i = 0; i < length; i++) {
          memory.set(SHORT, codes + 2L * i, Bf16.encode(rows[offset + i] / scale));
        }
      }
      case F32 -> {
        for (int i = 0; i < length; i++) {
          memory.set(FLOAT, codes + 4L * i, rows[offset + i] / scale);
        }
      }
    }
  }

  @Override
  public void decode(
      RowElement element,
      MemorySegment memory,
      long codes,
      int length,
      float scale,
      float[] rows,
      int offset) {
    switch (element) {
      case E4M3 -> {
        for (int i = 0; i < length; i++) {
          rows[offset + i] = E4M3.decode(memory.get(ValueLayout.JAVA_BYTE, codes + i)) * scale;
        }
      }
      case FP16 -> {
        for (int i = 0; i < length; i++) {
          rows[offset + i] = Fp16.decode(memory.get(SHORT, codes + 2L * i)) * scale;
        }
      }
      case BF16 -> {
        for (int i = 0; i < length; i++) {
          rows[offset + i] = Bf16.decode(memory.get(SHORT, codes + 2L * i)) * scale;
        }
      }
      case F32 -> {
        for (int i = 0; i < length; i++) {
          rows[offset + i] = memory.get(FLOAT, codes + 4L * i) * scale;
        }
      }
    }
  }

  @Override
  public float largest(float[] rows, int offset, int length) {
    float largest = 0;
    for (int i = offset; i < offset + length; i++) {
      float magnitude = Math.abs(rows[i]);
      if (magnitude > largest && magnitude < Float.POSITIVE_INFINITY) {
        largest = magnitude;
      }
    }
    return largest;
  }

  @Override
  public void score(
      float[] q,
      int qOffset,
      float[] rows,
      int dim,
      float[] scales,
      int count,
      float[] scores,
      int offset) {
    for (int r = 0; r < count; r++) {
      int row = r * dim;
      float even =
          everyFourthLane(q, qOffset, rows, row, dim)
              + everyFourthLane(q, qOffset + 2, rows, row + 2, dim);
      float odd =
          everyFourthLane(q, qOffset + 1, rows, row + 1, dim)
              + everyFourthLane(q, qOffset + 3, rows, row + 3, dim);
      scores[offset + r] = (even + odd) * scales[r];
    }
  }

  /** The sum of the lanes 0, 4, 8 and 12 after an offset. */
  private static float everyFourthLane(
      float[] q, int qOffset, float[] rows, int rowOffset, int dim) {
    float lane0 = 0;
    float lane4 = 0;
    float lane8 = 0;
    float lane12 = 0;
    for (int i = 0; i < dim; i += CHUNK) {
      lane0 = Math.fma(q[qOffset + i], rows[rowOffset + i], lane0);
      lane4 = Math.fma(q[qOffset + i + 4], rows[rowOffset + i + 4], lane4);
      lane8 = Math.fma(q[qOffset + i + 8], rows[rowOffset + i + 8], lane8);
      lane12 = Math.fma(q[qOffset + i + 12], rows[rowOffset + i + 12], lane12);
    }
    return (lane0 + lane8) + (lane4 + lane12);
  }

  @Override
  public void accumulate(
      float[] weights, float[] rows, int dim, int count, float[] sum, int sumOffset) {
    for (int r = 0; r < count; r++) {
      float weight = weights[r];
      for (int d = 0; d < dim; d++) {
        sum[sumOffset + d] = Math.fma(weight, rows[r * dim + d], sum[sumOffset + d]);
      }
    }
  }
}
