package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The twin in plain Java. */
enum ScalarNibbleKernels implements NibbleKernels {
  INSTANCE;

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt WORD =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @Override
  public void decode(
      NibbleShape shape,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      float[] out,
      int offset) {
    decode(shape, memory, codes, scales, 0, rows, out, offset);
  }

  /** Rows {@code from} to {@code to}. */
  static void decode(
      NibbleShape shape,
      MemorySegment memory,
      long codes,
      float[] scales,
      int from,
      int to,
      float[] out,
      int offset) {
    float[] table = shape.table;
    for (int row = from; row < to; row++) {
      long at = codes + (long) row * shape.rowBytes();
      int start = offset + row * shape.dim;
      for (int word = 0; word < shape.dim / 8; word++) {
        int bits = memory.get(WORD, at + word * 4L);
        float scale = scales[row * shape.groups + word * 8 / shape.group];
        int first = shape.isNatural() ? word * 8 : (word & -4) * 8 + (word & 3) * 4;
        for (int i = 0; i < 8; i++) {
          int element = first + (shape.isNatural() ? i : i / 2 + i % 2 * 16);
          out[start + element] = table[(bits >>> (4 * i)) & 15] * scale;
        }
      }
    }
  }

  @Override
  public void score(
      NibbleShape shape,
      float[] query,
      int queryOffset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      float[] out,
      int offset,
      float[] lanes) {
    score(shape, query, queryOffset, memory, codes, scales, 0, rows, out, offset);
  }

  /** Rows {@code from} to {@code to}. */
  static void score(
      NibbleShape shape,
      float[] query,
      int queryOffset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int from,
      int to,
      float[] out,
      int offset) {
    for (int row = from; row < to; row++) {
      out[offset + row] =
          fold(
              shape,
              0,
              1,
              query,
              queryOffset,
              memory,
              codes + (long) row * shape.rowBytes(),
              scales,
              row * shape.groups);
    }
  }

  /** The fold as a tree: what is left of lanes {@code lane}, {@code lane + step}, and so on. */
  private static float fold(
      NibbleShape shape,
      int lane,
      int step,
      float[] query,
      int queryOffset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int scale) {
    if (step == shape.lanes) {
      return lane(shape, lane, query, queryOffset, memory, codes, scales, scale);
    }
    return fold(shape, lane, 2 * step, query, queryOffset, memory, codes, scales, scale)
        + fold(shape, lane + step, 2 * step, query, queryOffset, memory, codes, scales, scale);
  }

  private static float lane(
      NibbleShape shape,
      int lane,
      float[] query,
      int queryOffset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int scale) {
    float[] table = shape.table;
    int lanes = shape.lanes;
    float total = 0;
    for (int block = 0; block < shape.blocks; block++) {
      int word = block * lanes + lane;
      int bits = memory.get(WORD, codes + word * 4L);
      int q = queryOffset + block * 8 * lanes + lane;
      float chain = 0;
      for (int i = 0; i < 8; i++) {
        chain = Math.fma(table[(bits >>> (4 * i)) & 15], query[q + i * lanes], chain);
      }
      total = Math.fma(chain, scales[scale + word * 8 / shape.group], total);
    }
    return total;
  }

  @Override
  public void add(
      NibbleShape shape,
      float[] weights,
      int offset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      float[] sum,
      int sumOffset) {
    add(shape, weights, offset, memory, codes, scales, 0, rows, sum, sumOffset);
  }

  /** Rows {@code from} to {@code to}. */
  static void add(
      NibbleShape shape,
      float[] weights,
      int offset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int from,
      int to,
      float[] sum,
      int sumOffset) {
    for (int row = from; row < to; row++) {
      long at = codes + (long) row * shape.rowBytes();
      addRow(shape, weights[offset + row], memory, at, scales, row * shape.groups, sum, sumOffset);
    }
  }

  private static void addRow(
      NibbleShape shape,
      float weight,
      MemorySegment memory,
      long codes,
      float[] scales,
      int scale,
      float[] sum,
      int sumOffset) {
    float[] table = shape.table;
    int lanes = shape.lanes;
    for (int word = 0; word < shape.dim / 8; word++) {
      int bits = memory.get(WORD, codes + word * 4L);
      float weighted = weight * scales[scale + word * 8 / shape.group];
      int at = sumOffset + word / lanes * 8 * lanes + word % lanes;
      for (int i = 0; i < 8; i++) {
        sum[at + i * lanes] =
            Math.fma(table[(bits >>> (4 * i)) & 15], weighted, sum[at + i * lanes]);
      }
    }
  }

  @Override
  public void ue8m0(MemorySegment memory, long from, int count, float[] out) {
    ue8m0(memory, from, 0, count, out);
  }

  /** Scales {@code first} to {@code last}. */
  static void ue8m0(MemorySegment memory, long from, int first, int last, float[] out) {
    for (int i = first; i < last; i++) {
      out[i] = UE8M0.decode(memory.get(JAVA_BYTE, from + i));
    }
  }

  @Override
  public void e4m3(MemorySegment memory, long from, int count, float tensorScale, float[] out) {
    for (int i = 0; i < count; i++) {
      out[i] = E4M3.decode(memory.get(JAVA_BYTE, from + i)) * tensorScale;
    }
  }
}
