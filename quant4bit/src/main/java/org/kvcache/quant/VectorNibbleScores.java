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
import jdk.incubator.vector.VectorMask;

/**
 * The loops of {@link VectorNibbleKernels} over keys. Each leaves the totals of a row's lanes in an
 * array; {@link #fold} makes numbers of them.
 */
final class VectorNibbleScores {

  private static final VectorMask<Float> UPPER_8 = VectorMask.fromLong(FLOATS, 0xFF00);
  private static final VectorMask<Float> UPPER_4 = VectorMask.fromLong(FLOATS, 0xF0F0);

  /** First lanes of quarters, as they lie and as two merges of 16 lanes leave them. */
  private static final int[] FOURS = {0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

  private static final int[] CROSSED = {0, 8, 4, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

  private VectorNibbleScores() {}

  /**
   * Four registers at a time, each of one row or of several rows side by side, through all blocks.
   *
   * @param part which register of a block, where a block takes several
   */
  static int fours(
      NibbleShape shape,
      float[] query,
      int queryOffset,
      MemorySegment memory,
      long codes,
      float[] scales,
      int rows,
      int part,
      float[] lanes) {
    IntVector t0 = tablePart(shape.tableBits, 0);
    IntVector t1 = tablePart(shape.tableBits, 1);
    IntVector t2 = tablePart(shape.tableBits, 2);
    IntVector t3 = tablePart(shape.tableBits, 3);
    int n = shape.lanes;
    int side = Math.max(1, LANES / n);
    int word = part * LANES;
    IntVector repeat = LANE.and(n - 1);
    IntVector groupOfLane = IntVector.fromArray(INTS, shape.groupOfLane, 0);
    FloatVector zero = FloatVector.zero(FLOATS);
    int groups = side * shape.groups;
    long bytes = (long) side * shape.rowBytes();
    int row = 0;
    for (; row + 4 * side <= rows; row += 4 * side) {
      FloatVector a = zero;
      FloatVector b = zero;
      FloatVector c = zero;
      FloatVector d = zero;
      for (int block = 0; block < shape.blocks; block++) {
        long at = codes + (long) row * shape.rowBytes() + 4L * (block * n + word);
        IntVector wa = IntVector.fromMemorySegment(INTS, memory, at, LITTLE_ENDIAN);
        IntVector wb = IntVector.fromMemorySegment(INTS, memory, at + bytes, LITTLE_ENDIAN);
        IntVector wc = IntVector.fromMemorySegment(INTS, memory, at + 2 * bytes, LITTLE_ENDIAN);
        IntVector wd = IntVector.fromMemorySegment(INTS, memory, at + 3 * bytes, LITTLE_ENDIAN);
        FloatVector ca = zero;
        FloatVector cb = zero;
        FloatVector cc = zero;
        FloatVector cd = zero;
        for (int i = 0; i < 8; i++) {
          FloatVector q =
              FloatVector.fromArray(FLOATS, query, queryOffset + (block * 8 + i) * n + word);
          if (side > 1) {
            q = pick(q, repeat);
          }
          ca = value(wa, t0, t1, t2, t3).fma(q, ca);
          wa = shifted(wa, 4);
          cb = value(wb, t0, t1, t2, t3).fma(q, cb);
          wb = shifted(wb, 4);
          cc = value(wc, t0, t1, t2, t3).fma(q, cc);
          wc = shifted(wc, 4);
          cd = value(wd, t0, t1, t2, t3).fma(q, cd);
          wd = shifted(wd, 4);
        }
        int scale = row * shape.groups + (block * n + word) * 8 / shape.group;
        a = ca.fma(pick(FloatVector.fromArray(FLOATS, scales, scale), groupOfLane), a);
        b = cb.fma(pick(FloatVector.fromArray(FLOATS, scales, scale + groups), groupOfLane), b);
        scale += 2 * groups;
        c = cc.fma(pick(FloatVector.fromArray(FLOATS, scales, scale), groupOfLane), c);
        d = cd.fma(pick(FloatVector.fromArray(FLOATS, scales, scale + groups), groupOfLane), d);
      }
      int to = row * n + word;
      a.intoArray(lanes, to);
      b.intoArray(lanes, to + side * n);
      c.intoArray(lanes, to + 2 * side * n);
      d.intoArray(lanes, to + 3 * side * n);
    }
    return row;
  }

  /** Adds the registers of each row, halves first, so that a row is one register. */
  static void join(float[] lanes, int n, int rows) {
    for (int row = 0; row < rows; row++) {
      int at = row * n;
      FloatVector sum = FloatVector.fromArray(FLOATS, lanes, at);
      if (n == 2 * LANES) {
        sum = sum.add(FloatVector.fromArray(FLOATS, lanes, at + LANES));
      } else {
        sum = sum.add(FloatVector.fromArray(FLOATS, lanes, at + 2 * LANES));
        FloatVector odd = FloatVector.fromArray(FLOATS, lanes, at + LANES);
        sum = sum.add(odd.add(FloatVector.fromArray(FLOATS, lanes, at + 3 * LANES)));
      }
      sum.intoArray(lanes, row * LANES);
    }
  }

  /**
   * Folds the {@code n} lanes of each row into one, for several rows at once: every step halves the
   * lanes of two registers of rows into one register, down to four lanes to a row.
   */
  static void fold(float[] lanes, int n, int rows, float[] out, int offset) {
    int registers = n / 4;
    IntVector order = IntVector.fromArray(INTS, LANES == 16 && registers > 1 ? CROSSED : FOURS, 0);
    for (int row = 0; row < rows; row += LANES / 4) {
      int at = row * n;
      FloatVector sum = FloatVector.fromArray(FLOATS, lanes, at);
      if (registers == 4) {
        FloatVector a = sum;
        FloatVector b = FloatVector.fromArray(FLOATS, lanes, at + LANES);
        FloatVector c = FloatVector.fromArray(FLOATS, lanes, at + 2 * LANES);
        FloatVector d = FloatVector.fromArray(FLOATS, lanes, at + 3 * LANES);
        a = a.blend(b, UPPER_8).add(b.blend(a, UPPER_8).rearrange(Lanes.SWAP_8));
        c = c.blend(d, UPPER_8).add(d.blend(c, UPPER_8).rearrange(Lanes.SWAP_8));
        sum = a.blend(c, UPPER_4).add(c.blend(a, UPPER_4).rearrange(Lanes.SWAP_4));
      } else if (registers == 2) {
        FloatVector a = sum;
        FloatVector b = FloatVector.fromArray(FLOATS, lanes, at + LANES);
        sum = a.blend(b, UPPER_4).add(b.blend(a, UPPER_4).rearrange(Lanes.SWAP_4));
      }
      sum = sum.add(sum.rearrange(Lanes.SWAP_2));
      sum = pick(sum.add(sum.rearrange(Lanes.SWAP_1)), order);
      if (LANES == 16) {
        ((FloatVector) sum.reinterpretShape(FloatVector.SPECIES_128, 0))
            .intoArray(out, offset + row);
      } else {
        out[offset + row] = sum.lane(0);
        if (LANES == 8) {
          out[offset + row + 1] = sum.lane(1);
        }
      }
    }
  }
}
