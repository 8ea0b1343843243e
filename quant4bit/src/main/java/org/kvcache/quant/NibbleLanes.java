package org.kvcache.quant;

import static org.kvcache.quant.VectorKernels.INTS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** From words of four-bit codes to lanes of values. */
final class NibbleLanes {

  static final int LANES = INTS.length();

  /** The number of each lane. */
  static final IntVector LANE = IntVector.zero(INTS).addIndex(1);

  private NibbleLanes() {}

  /** A register's width of the sixteen values of codes. */
  static IntVector tablePart(int[] table, int part) {
    return part * LANES < 16
        ? IntVector.fromArray(INTS, table, part * LANES)
        : IntVector.zero(INTS);
  }

  /** The value of the code in the low four bits of each lane; {@code selectFrom} wraps indices. */
  static FloatVector value(IntVector code, IntVector t0, IntVector t1, IntVector t2, IntVector t3) {
    if (LANES == 16) {
      return code.selectFrom(t0).reinterpretAsFloats();
    }
    if (LANES == 8) {
      return code.selectFrom(t0, t1).reinterpretAsFloats();
    }
    var eight = code.and(8).compare(VectorOperators.NE, 0);
    return code.selectFrom(t0, t1).blend(code.selectFrom(t2, t3), eight).reinterpretAsFloats();
  }

  /** The lanes of {@code from} that {@code index} names. */
  static FloatVector pick(FloatVector from, IntVector index) {
    return index.selectFrom(from.reinterpretAsInts()).reinterpretAsFloats();
  }

  /** Brings the next code of each word to its low bits. */
  static IntVector shifted(IntVector words, int bits) {
    return words.lanewise(VectorOperators.LSHR, bits);
  }
}
