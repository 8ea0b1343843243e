package org.kvcache.quant;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.kvcache.quant.VectorKernels.FLOATS;
import static org.kvcache.quant.VectorKernels.INTS;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Moves between memory and lanes, and among lanes, for vectors of 4, 8 or 16 lanes. */
final class Lanes {

  /**
   * Exchange neighbours at distance 1, 2, 4 and 8. Not for vectors that are no longer than that.
   */
  static final VectorShuffle<Float> SWAP_1 = swap(1);

  static final VectorShuffle<Float> SWAP_2 = swap(2);
  static final VectorShuffle<Float> SWAP_4 = swap(4);
  static final VectorShuffle<Float> SWAP_8 = swap(8);

  private static final int LANES = FLOATS.length();

  /** There are no vectors of 32 bits; four bytes travel in an int. */
  private static final boolean FOUR = LANES == 4;

  private static final ValueLayout.OfInt WORD =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final IntVector BYTE_SHIFTS = IntVector.zero(INTS).addIndex(8);

  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, Byte.SIZE * LANES)));
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Short.SIZE * LANES));

  private Lanes() {}

  /** Unsigned bytes, one per lane. */
  static IntVector loadBytes(MemorySegment memory, long at) {
    if (FOUR) {
      return IntVector.broadcast(INTS, memory.get(WORD, at))
          .lanewise(VectorOperators.LSHR, BYTE_SHIFTS)
          .and(0xFF);
    }
    return ByteVector.fromMemorySegment(BYTES, memory, at, LITTLE_ENDIAN)
        .convertShape(VectorOperators.ZERO_EXTEND_B2I, INTS, 0)
        .reinterpretAsInts();
  }

  /** Stores one byte per lane; the lanes must be within 0 and 255. */
  static void storeBytes(IntVector lanes, MemorySegment memory, long at) {
    if (FOUR) {
      memory.set(
          WORD,
          at,
          lanes.lanewise(VectorOperators.LSHL, BYTE_SHIFTS).reduceLanes(VectorOperators.OR));
      return;
    }
    lanes
        .convertShape(VectorOperators.I2B, BYTES, 0)
        .reinterpretAsBytes()
        .intoMemorySegment(memory, at, LITTLE_ENDIAN);
  }

  /** Unsigned little-endian shorts, one per lane. */
  static IntVector loadShorts(MemorySegment memory, long at) {
    return ShortVector.fromMemorySegment(SHORTS, memory, at, LITTLE_ENDIAN)
        .convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0)
        .reinterpretAsInts();
  }

  /** Stores the low half of each lane. */
  static void storeShorts(IntVector lanes, MemorySegment memory, long at) {
    lanes
        .convertShape(VectorOperators.I2S, SHORTS, 0)
        .reinterpretAsShorts()
        .intoMemorySegment(memory, at, LITTLE_ENDIAN);
  }

  /** The sum of all lanes, halves first: lane {@code i} and lane {@code i + length / 2}. */
  static float fold(FloatVector v) {
    if (LANES > 8) {
      v = v.add(v.rearrange(SWAP_8));
    }
    if (LANES > 4) {
      v = v.add(v.rearrange(SWAP_4));
    }
    v = v.add(v.rearrange(SWAP_2));
    v = v.add(v.rearrange(SWAP_1));
    return v.lane(0);
  }

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(FLOATS, lane -> (lane ^ distance) % FLOATS.length());
  }
}
