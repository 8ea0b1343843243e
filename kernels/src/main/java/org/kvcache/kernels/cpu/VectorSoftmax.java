package org.kvcache.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** In the Vector API, for vectors of 128 to 512 bits. */
final class VectorSoftmax implements Softmax {

  private static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;
  private static final int WIDTH = FLOATS.length();

  VectorSoftmax() {
    if (WIDTH < 4) {
      throw new UnsupportedOperationException(
          "vectors of " + FLOATS.vectorBitSize() + " bits are too short to be worth it");
    }
  }

  @Override
  public float largest(float[] x, int offset, int count) {
    FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = offset; i < offset + count; i += WIDTH) {
      largest = largest.max(FloatVector.fromArray(FLOATS, x, i));
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }

  @Override
  public float weights(float[] x, int offset, int count, float scale, float max) {
    exponentials(x, offset, count, scale, max);
    return sum(x, offset, count);
  }

  private static void exponentials(float[] x, int offset, int count, float scale, float max) {
    FloatVector scales = FloatVector.broadcast(FLOATS, scale);
    FloatVector shift = FloatVector.broadcast(FLOATS, -max);
    FloatVector rounder = FloatVector.broadcast(FLOATS, Exponential.ROUNDER);
    FloatVector log2e = FloatVector.broadcast(FLOATS, Exponential.LOG2_E);
    FloatVector ln2Hi = FloatVector.broadcast(FLOATS, -Exponential.LN2_HI);
    FloatVector ln2Lo = FloatVector.broadcast(FLOATS, -Exponential.LN2_LO);
    FloatVector c7 = FloatVector.broadcast(FLOATS, Exponential.C7);
    FloatVector c6 = FloatVector.broadcast(FLOATS, Exponential.C6);
    FloatVector c5 = FloatVector.broadcast(FLOATS, Exponential.C5);
    FloatVector c4 = FloatVector.broadcast(FLOATS, Exponential.C4);
    FloatVector c3 = FloatVector.broadcast(FLOATS, Exponential.C3);
    FloatVector c2 = FloatVector.broadcast(FLOATS, Exponential.C2);
    for (int i = offset; i < offset + count; i += WIDTH) {
      FloatVector y = FloatVector.fromArray(FLOATS, x, i).fma(scales, shift);
      VectorMask<Float> normal = y.compare(VectorOperators.GE, Exponential.LEAST);
      FloatVector shifted = y.fma(log2e, rounder);
      FloatVector n = shifted.sub(rounder);
      FloatVector r = n.fma(ln2Lo, n.fma(ln2Hi, y));
      FloatVector p = c7.fma(r, c6).fma(r, c5).fma(r, c4).fma(r, c3).fma(r, c2);
      p = p.mul(r).fma(r, r).add(1);
      p.reinterpretAsInts()
          .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
          .reinterpretAsFloats()
          .blend(0, normal.not())
          .intoArray(x, i);
    }
  }

  /** All in one method: a vector that crosses a call which C2 does not inline is an object. */
  private static float sum(float[] x, int offset, int count) {
    FloatVector a = FloatVector.zero(FLOATS);
    FloatVector b = FloatVector.zero(FLOATS);
    FloatVector c = FloatVector.zero(FLOATS);
    FloatVector d = FloatVector.zero(FLOATS);
    for (int i = offset; i < offset + count; i += LANES) {
      a = a.add(FloatVector.fromArray(FLOATS, x, i));
      if (WIDTH < 16) {
        b = b.add(FloatVector.fromArray(FLOATS, x, i + WIDTH));
      }
      if (WIDTH < 8) {
        c = c.add(FloatVector.fromArray(FLOATS, x, i + 2 * WIDTH));
        d = d.add(FloatVector.fromArray(FLOATS, x, i + 3 * WIDTH));
      }
    }
    FloatVector sum = a;
    if (WIDTH == 8) {
      sum = a.add(b);
    } else if (WIDTH == 4) {
      sum = a.add(c).add(b.add(d));
    }
    float lane0 = sum.lane(0);
    float lane1 = sum.lane(1);
    float lane2 = sum.lane(2);
    float lane3 = sum.lane(3);
    if (WIDTH == 8) {
      lane0 += sum.lane(4);
      lane1 += sum.lane(5);
      lane2 += sum.lane(6);
      lane3 += sum.lane(7);
    } else if (WIDTH == 16) {
      lane0 = (lane0 + sum.lane(8)) + (sum.lane(4) + sum.lane(12));
      lane1 = (lane1 + sum.lane(9)) + (sum.lane(5) + sum.lane(13));
      lane2 = (lane2 + sum.lane(10)) + (sum.lane(6) + sum.lane(14));
      lane3 = (lane3 + sum.lane(11)) + (sum.lane(7) + sum.lane(15));
    }
    return (lane0 + lane2) + (lane1 + lane3);
  }

  @Override
  public String toString() {
    return "Vector API, " + FLOATS.vectorBitSize() + " bits";
  }
}
