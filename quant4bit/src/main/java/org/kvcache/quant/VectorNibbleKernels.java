package org.kvcache.quant;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.kvcache.quant.NibbleLanes.LANE;
import static org.kvcache.quant.NibbleLanes.LANES;
import static org.kvcache.quant.NibbleLanes.pick;
import static org.kvcache.quant.NibbleLanes.shifted;
import static org.kvcache.quant.NibbleLanes.tablePart;
import static org.kvcache.quant.NibbleLanes.value;
import static org.kvcache.quant.VectorKernels.FLOATS;
import static org.kvcache.quant.VectorKernels.INTS;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** The twin in the Vector API. */
final class VectorNibbleKernels implements NibbleKernels {

  /*
   * A register holds L words, L being the lanes of this processor, 4 to 16; a block of words has n
   * lanes, see NibbleShape.
   *
   * n > L: a block takes n / L registers ("parts"), and the fold begins with adding those.
   * n < L: score puts L / n rows side by side in a register; add, where rows must come one after
   *        another, puts L / n planes of one row side by side, by shifting each copy of its words
   *        by another amount.
   *
   * C2 gives up inlining when a method has become too large, and then allocates every vector that
   * goes into or comes out of a call. So the loops below are methods of their own, with few calls,
   * and large enough not to be inlined themselves.
   *
   * The last rows of a run may not fill a register, or a full load would end behind the segment.
   * The scalar twin does these; its results are the same.
   */

  static final VectorNibbleKernels INSTANCE = new VectorNibbleKernels();

  private static final int SMALLEST = 0x0040_0000; // 2^-127
  private static final int NAN = 0x7FC0_0000;

  private VectorNibbleKernels() {}

  // ------------------------------------------------------------------------------------ decode

  @Override
  public void decode(
      NibbleShape shape,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      float[] out,
      int offset) {
    if (!shape.isNatural() || Integer.bitCount(shape.group) > 1) {
      ScalarNibbleKernels.INSTANCE.decode(shape, memory, codes, scales, rows, out, offset);
      return;
    }
    IntVector t0 = tablePart(shape.tableBits, 0);
    IntVector t1 = tablePart(shape.tableBits, 1);
    IntVector t2 = tablePart(shape.tableBits, 2);
    IntVector t3 = tablePart(shape.tableBits, 3);
    // The words of the first four registers of codes, their shifts, and the other half of words.
    IntVector w0 = LANE.lanewise(VectorOperators.LSHR, 3);
    IntVector w1 = LANE.add(LANES).lanewise(VectorOperators.LSHR, 3);
    IntVector w2 = LANE.add(2 * LANES).lanewise(VectorOperators.LSHR, 3);
    IntVector w3 = LANE.add(3 * LANES).lanewise(VectorOperators.LSHR, 3);
    IntVector even = LANE.and(7).mul(4);
    IntVector odd = LANES == 4 ? even.add(16) : even;
    IntVector other = LANE.lanewise(VectorOperators.XOR, LANES / 2);
    int shift = Integer.numberOfTrailingZeros(shape.group);
    int all = rows * shape.dim / (8 * LANES) * (8 * LANES);
    for (int element = 0; element < all; element += 8 * LANES) {
      IntVector words =
          IntVector.fromMemorySegment(INTS, memory, codes + element / 2, LITTLE_ENDIAN);
      for (int half = 0; half < 2; half++) {
        int e = element + half * 4 * LANES;
        value(w0.selectFrom(words).lanewise(VectorOperators.LSHR, even), t0, t1, t2, t3)
            .mul(scales[e >>> shift])
            .intoArray(out, offset + e);
        e += LANES;
        value(w1.selectFrom(words).lanewise(VectorOperators.LSHR, odd), t0, t1, t2, t3)
            .mul(scales[e >>> shift])
            .intoArray(out, offset + e);
        e += LANES;
        value(w2.selectFrom(words).lanewise(VectorOperators.LSHR, even), t0, t1, t2, t3)
            .mul(scales[e >>> shift])
            .intoArray(out, offset + e);
        e += LANES;
        value(w3.selectFrom(words).lanewise(VectorOperators.LSHR, odd), t0, t1, t2, t3)
            .mul(scales[e >>> shift])
            .intoArray(out, offset + e);
        words = other.selectFrom(words);
      }
    }
    int element = all;
    int row = element / shape.dim;
    ScalarNibbleKernels.decode(shape, memory, codes, scales, row, rows, out, offset);
  }

  // ------------------------------------------------------------------------------------- score

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
    int done = 0;
    int n = shape.lanes;
    if (n >= LANES || shape.blocks == 1) {
      for (int part = 0; part < Math.max(1, n / LANES); part++) {
        done =
            VectorNibbleScores.fours(
                shape, query, queryOffset, memory, codes, scales, rows, part, lanes);
      }
      if (n > LANES) {
        VectorNibbleScores.join(lanes, n, done);
      }
      VectorNibbleScores.fold(lanes, Math.min(n, LANES), done, out, offset);
    }
    ScalarNibbleKernels.score(
        shape, query, queryOffset, memory, codes, scales, done, rows, out, offset);
  }

  // --------------------------------------------------------------------------------------- add

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
    int n = shape.lanes;
    if (n >= LANES) {
      for (int word = 0; word < shape.dim / 8; word += LANES) {
        int at = sumOffset + word / n * 8 * n + word % n;
        addPlanes(shape, weights, offset, memory, codes, scales, rows, sum, at, word, 0);
        addPlanes(shape, weights, offset, memory, codes, scales, rows, sum, at, word, 4);
      }
      return;
    }
    // A register is loaded past the end of its row.
    long full = Math.floorDiv(memory.byteSize() - codes - 4L * LANES, (long) shape.rowBytes()) + 1;
    int done = shape.blocks == 1 ? Math.clamp(full, 0, rows) : 0;
    addNarrow(shape, weights, offset, memory, codes, scales, done, sum, sumOffset);
    ScalarNibbleKernels.add(
        shape, weights, offset, memory, codes, scales, done, rows, sum, sumOffset);
  }

  /** Four planes of a register's width of words, over all rows. Eight are too many to compile. */
  private static void addPlanes(
      NibbleShape shape,
      float[] weights,
      int offset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      float[] sum,
      int sumOffset,
      int word,
      int plane) {
    IntVector t0 = tablePart(shape.tableBits, 0);
    IntVector t1 = tablePart(shape.tableBits, 1);
    IntVector t2 = tablePart(shape.tableBits, 2);
    IntVector t3 = tablePart(shape.tableBits, 3);
    IntVector groupOfLane = IntVector.fromArray(INTS, shape.groupOfLane, 0);
    int n = shape.lanes;
    int groups = shape.groups;
    int first = word * 8 / shape.group;
    long start = codes + word * 4L;
    long rowBytes = shape.rowBytes();
    int at = sumOffset + plane * n;
    FloatVector s0 = FloatVector.fromArray(FLOATS, sum, at);
    FloatVector s1 = FloatVector.fromArray(FLOATS, sum, at + n);
    FloatVector s2 = FloatVector.fromArray(FLOATS, sum, at + 2 * n);
    FloatVector s3 = FloatVector.fromArray(FLOATS, sum, at + 3 * n);
    for (int row = 0; row < rows; row++) {
      IntVector words =
          shifted(
              IntVector.fromMemorySegment(INTS, memory, start + row * rowBytes, LITTLE_ENDIAN),
              4 * plane);
      FloatVector w =
          pick(
              FloatVector.fromArray(FLOATS, scales, row * groups + first)
                  .mul(weights[offset + row]),
              groupOfLane);
      s0 = value(words, t0, t1, t2, t3).fma(w, s0);
      s1 = value(shifted(words, 4), t0, t1, t2, t3).fma(w, s1);
      s2 = value(shifted(words, 8), t0, t1, t2, t3).fma(w, s2);
      s3 = value(shifted(words, 12), t0, t1, t2, t3).fma(w, s3);
    }
    s0.intoArray(sum, at);
    s1.intoArray(sum, at + n);
    s2.intoArray(sum, at + 2 * n);
    s3.intoArray(sum, at + 3 * n);
  }

  /** Several planes of one row side by side in a register. */
  private static void addNarrow(
      NibbleShape shape,
      float[] weights,
      int offset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      float[] sum,
      int sumOffset) {
    IntVector t0 = tablePart(shape.tableBits, 0);
    IntVector t1 = tablePart(shape.tableBits, 1);
    IntVector t2 = tablePart(shape.tableBits, 2);
    IntVector t3 = tablePart(shape.tableBits, 3);
    int n = shape.lanes;
    int side = LANES / n;
    IntVector repeat = LANE.and(n - 1);
    // Shifts of powers of two: a division of vectors is no instruction and allocates.
    int lanesShift = Integer.numberOfTrailingZeros(n);
    int groupShift = Integer.numberOfTrailingZeros(shape.group);
    IntVector planes = LANE.sub(repeat).mul(4).lanewise(VectorOperators.LSHR, lanesShift);
    IntVector groupOfLane = repeat.mul(8).lanewise(VectorOperators.LSHR, groupShift);
    for (int row = 0; row < rows; row++) {
      IntVector words =
          repeat
              .selectFrom(
                  IntVector.fromMemorySegment(INTS, memory, codes + row * 4L * n, LITTLE_ENDIAN))
              .lanewise(VectorOperators.LSHR, planes);
      FloatVector w =
          pick(
              FloatVector.fromArray(FLOATS, scales, row * shape.groups).mul(weights[offset + row]),
              groupOfLane);
      for (int plane = 0; plane < 8; plane += side) {
        int at = sumOffset + plane * n;
        value(shifted(words, 4 * plane), t0, t1, t2, t3)
            .fma(w, FloatVector.fromArray(FLOATS, sum, at))
            .intoArray(sum, at);
      }
    }
  }

  // ------------------------------------------------------------------------------------ scales

  @Override
  public void ue8m0(MemorySegment memory, long from, int count, float[] out) {
    int i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
      IntVector four = IntVector.fromMemorySegment(INTS, memory, from + i, LITTLE_ENDIAN);
      for (int k = 0; k < 4; k++) {
        IntVector bytes =
            LANE.lanewise(VectorOperators.LSHR, 2)
                .add(k * LANES / 4)
                .selectFrom(four)
                .lanewise(VectorOperators.LSHR, LANE.and(3).mul(8))
                .and(0xFF);
        bytes
            .lanewise(VectorOperators.LSHL, 23)
            .blend(SMALLEST, bytes.compare(VectorOperators.EQ, 0))
            .blend(NAN, bytes.compare(VectorOperators.EQ, 255))
            .reinterpretAsFloats()
            .intoArray(out, i + k * LANES);
      }
    }
    ScalarNibbleKernels.ue8m0(memory, from, i, count, out);
  }

  @Override
  public void e4m3(MemorySegment memory, long from, int count, float tensorScale, float[] out) {
    ScalarNibbleKernels.INSTANCE.e4m3(memory, from, count, tensorScale, out);
  }
}
