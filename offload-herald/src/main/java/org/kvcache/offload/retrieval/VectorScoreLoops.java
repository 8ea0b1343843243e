package org.kvcache.offload.retrieval;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * In the Vector API, for vectors of 128 to 512 bits: 16 lanes are one to four vectors. Each loop is
 * one method, as a vector that crosses a call which C2 does not inline is an object.
 */
final class VectorScoreLoops implements ScoreLoops {

  private static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;
  private static final int WIDTH = FLOATS.length();

  // They bring lanes 8, 4, 2 and 1 to the right over those they are added to.
  private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(FLOATS, 8 % WIDTH, 1, true);
  private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(FLOATS, 4 % WIDTH, 1, true);
  private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(FLOATS, 2, 1, true);
  private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(FLOATS, 1, 1, true);

  private final float[] sums = new float[LANES];

  /**
   * Refuses vectors that are too short to be worth it.
   *
   * @throws UnsupportedOperationException if they are
   */
  static void check() {
    if (WIDTH < 4) {
      throw new UnsupportedOperationException(
          "vectors of " + FLOATS.vectorBitSize() + " bits are too short to be worth it");
    }
  }

  @Override
  public float largest(float[] x, int offset, int count) {
    FloatVector largest = FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY);
    for (int i = offset; i < offset + count; i += WIDTH) {
      FloatVector some = FloatVector.fromArray(FLOATS, x, i);
      largest = largest.blend(some, some.compare(VectorOperators.GT, largest));
    }
    return largest.reduceLanes(VectorOperators.MAX);
  }

  @Override
  public float weigh(float[] x, int offset, int count, float scale, float max) {
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

  private float sum(float[] x, int offset, int count) {
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
    a.intoArray(sums, 0);
    if (WIDTH < 16) {
      b.intoArray(sums, WIDTH);
    }
    if (WIDTH < 8) {
      c.intoArray(sums, 2 * WIDTH);
      d.intoArray(sums, 3 * WIDTH);
    }
    return Lanes.sum(sums, 0);
  }

  @Override
  public void pageSums(float[] x, int offset, int pages, int pageTokens, float[] to, int toOffset) {
    int whole = pageTokens / LANES * LANES;
    for (int page = 0, at = offset; page < pages; page++) {
      float sum = 0;
      int end = at + pageTokens;
      for (int last = at + whole; at < last; at += LANES) {
        FloatVector lanes = FloatVector.fromArray(FLOATS, x, at);
        if (WIDTH == 16) {
          lanes = lanes.add(lanes.rearrange(BY_8));
        } else if (WIDTH == 8) {
          lanes = lanes.add(FloatVector.fromArray(FLOATS, x, at + 8));
        }
        if (WIDTH == 4) {
          lanes =
              lanes
                  .add(FloatVector.fromArray(FLOATS, x, at + 8))
                  .add(
                      FloatVector.fromArray(FLOATS, x, at + 4)
                          .add(FloatVector.fromArray(FLOATS, x, at + 12)));
        } else {
          lanes = lanes.add(lanes.rearrange(BY_4));
        }
        lanes = lanes.add(lanes.rearrange(BY_2));
        sum += lanes.add(lanes.rearrange(BY_1)).lane(0);
      }
      for (; at < end; at++) {
        sum += x[at];
      }
      to[toOffset + page] = sum;
    }
  }

  @Override
  public void addScaled(float[] x, int offset, int count, float factor, float[] to, int toOffset) {
    FloatVector factors = FloatVector.broadcast(FLOATS, factor);
    int whole = FLOATS.loopBound(count);
    for (int i = 0; i < whole; i += WIDTH) {
      FloatVector.fromArray(FLOATS, x, offset + i)
          .fma(factors, FloatVector.fromArray(FLOATS, to, toOffset + i))
          .intoArray(to, toOffset + i);
    }
    for (int i = whole; i < count; i++) {
      to[toOffset + i] = Math.fma(x[offset + i], factor, to[toOffset + i]);
    }
  }

  @Override
  public float dot(float[] a, int aOffset, float[] b, int bOffset, int count) {
    for (int lane = 0; lane < LANES; lane += WIDTH) {
      FloatVector sum = FloatVector.zero(FLOATS);
      for (int i = lane; i < count; i += LANES) {
        sum =
            FloatVector.fromArray(FLOATS, a, aOffset + i)
                .fma(FloatVector.fromArray(FLOATS, b, bOffset + i), sum);
      }
      sum.intoArray(sums, lane);
    }
    return Lanes.sum(sums, 0);
  }

  @Override
  public float bound(float[] q, int qOffset, float[] bounds, int boundsOffset, int count) {
    for (int lane = 0; lane < LANES; lane += WIDTH) {
      FloatVector sum = FloatVector.zero(FLOATS);
      for (int i = lane; i < count; i += LANES) {
        FloatVector x = FloatVector.fromArray(FLOATS, q, qOffset + i);
        FloatVector least = FloatVector.fromArray(FLOATS, bounds, boundsOffset + i);
        FloatVector most = FloatVector.fromArray(FLOATS, bounds, boundsOffset + count + i);
        sum = sum.add(x.mul(least).max(x.mul(most)));
      }
      sum.intoArray(sums, lane);
    }
    return Lanes.sum(sums, 0);
  }

  @Override
  public String toString() {
    return "Vector API, " + FLOATS.vectorBitSize() + " bits";
  }
}
