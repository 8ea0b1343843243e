package org.kvcache.quant;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.kvcache.quant.VectorKernels.FLOATS;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows on vectors. One method for each loop: C2 stops inlining when a method has grown too large,
 * and a vector that crosses a call is an object.
 */
enum VectorRowKernels implements RowKernels {
  INSTANCE;

  private static final int LANES = FLOATS.length();
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

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
      case E4M3 -> encodeE4M3(rows, offset, length, scale, memory, codes);
      case FP16 -> encodeFp16(rows, offset, length, scale, memory, codes);
      case BF16 -> encodeBf16(rows, offset, length, scale, memory, codes);
      case F32 -> encodeF32(rows, offset, length, scale, memory, codes);
    }
  }

  private static void encodeE4M3(
      float[] rows, int offset, int length, float scale, MemorySegment memory, long codes) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector x = FloatVector.fromArray(FLOATS, rows, offset + i).div(scale);
      Lanes.storeBytes(Minifloats.encodeE4M3(x), memory, codes + i);
    }
  }

  private static void encodeFp16(
      float[] rows, int offset, int length, float scale, MemorySegment memory, long codes) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector x = FloatVector.fromArray(FLOATS, rows, offset + i).div(scale);
      Lanes.storeShorts(Minifloats.encodeFp16(x), memory, codes + 2L * i);
    }
  }

  private static void encodeBf16(
      float[] rows, int offset, int length, float scale, MemorySegment memory, long codes) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector x = FloatVector.fromArray(FLOATS, rows, offset + i).div(scale);
      Lanes.storeShorts(Minifloats.encodeBf16(x), memory, codes + 2L * i);
    }
  }

  private static void encodeF32(
      float[] rows, int offset, int length, float scale, MemorySegment memory, long codes) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector x = FloatVector.fromArray(FLOATS, rows, offset + i).div(scale);
      x.intoMemorySegment(memory, codes + 4L * i, LITTLE_ENDIAN);
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
      case E4M3 -> decodeE4M3(memory, codes, length, scale, rows, offset);
      case FP16 -> decodeFp16(memory, codes, length, scale, rows, offset);
      case BF16 -> decodeBf16(memory, codes, length, scale, rows, offset);
      case F32 -> decodeF32(memory, codes, length, scale, rows, offset);
    }
  }

  private static void decodeE4M3(
      MemorySegment memory, long codes, int length, float scale, float[] rows, int offset) {
    for (int i = 0; i < length; i += LANES) {
      IntVector lanes = Lanes.loadBytes(memory, codes + i);
      Minifloats.decodeE4M3(lanes).mul(scale).intoArray(rows, offset + i);
    }
  }

  private static void decodeFp16(
      MemorySegment memory, long codes, int length, float scale, float[] rows, int offset) {
    for (int i = 0; i < length; i += LANES) {
      IntVector lanes = Lanes.loadShorts(memory, codes + 2L * i);
      Minifloats.decodeFp16(lanes).mul(scale).intoArray(rows, offset + i);
    }
  }

  private static void decodeBf16(
      MemorySegment memory, long codes, int length, float scale, float[] rows, int offset) {
    for (int i = 0; i < length; i += LANES) {
      IntVector lanes = Lanes.loadShorts(memory, codes + 2L * i);
      Minifloats.decodeBf16(lanes).mul(scale).intoArray(rows, offset + i);
    }
  }

  private static void decodeF32(
      MemorySegment memory, long codes, int length, float scale, float[] rows, int offset) {
    for (int i = 0; i < length; i += LANES) {
      FloatVector.fromMemorySegment(FLOATS, memory, codes + 4L * i, LITTLE_ENDIAN)
          .mul(scale)
          .intoArray(rows, offset + i);
    }
  }

  @Override
  public float largest(float[] rows, int offset, int length) {
    IntVector largest = IntVector.zero(VectorKernels.INTS);
    for (int i = offset; i < offset + length; i += LANES) {
      // Magnitudes order as their bits do.
      IntVector magnitudes =
          FloatVector.fromArray(FLOATS, rows, i).reinterpretAsInts().and(0x7FFF_FFFF);
      largest =
          largest.lanewise(
              VectorOperators.MAX, magnitudes, magnitudes.compare(VectorOperators.LT, INFINITY));
    }
    return Float.intBitsToFloat(largest.reduceLanes(VectorOperators.MAX));
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
      FloatVector sum = lanes(q, qOffset, rows, row, dim, 0);
      if (LANES == 8) {
        sum = sum.add(lanes(q, qOffset, rows, row, dim, 8));
      } else if (LANES == 4) {
        FloatVector even = sum.add(lanes(q, qOffset, rows, row, dim, 8));
        FloatVector odd =
            lanes(q, qOffset, rows, row, dim, 4).add(lanes(q, qOffset, rows, row, dim, 12));
        sum = even.add(odd);
      }
      scores[offset + r] = Lanes.fold(sum) * scales[r];
    }
  }

  /** The virtual lanes from {@code lane} on, as many as a vector has. */
  private static FloatVector lanes(
      float[] q, int qOffset, float[] rows, int rowOffset, int dim, int lane) {
    FloatVector sum = FloatVector.zero(FLOATS);
    for (int i = lane; i < dim; i += CHUNK) {
      sum =
          FloatVector.fromArray(FLOATS, q, qOffset + i)
              .fma(FloatVector.fromArray(FLOATS, rows, rowOffset + i), sum);
    }
    return sum;
  }

  @Override
  public void accumulate(
      float[] weights, float[] rows, int dim, int count, float[] sum, int sumOffset) {
    for (int d = 0; d < dim; d += LANES) {
      FloatVector total = FloatVector.fromArray(FLOATS, sum, sumOffset + d);
      for (int r = 0; r < count; r++) {
        total = FloatVector.fromArray(FLOATS, rows, r * dim + d).fma(broadcast(weights[r]), total);
      }
      total.intoArray(sum, sumOffset + d);
    }
  }

  private static FloatVector broadcast(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
