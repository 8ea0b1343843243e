package org.kvcache.quant;

import static org.kvcache.quant.VectorKernels.FLOATS;

import java.util.Objects;
import jdk.incubator.vector.FloatVector;

/**
 * The transform on vectors. Strides below the vector length exchange lanes; there a sum or
 * difference is an fma with ±1, which rounds the same since that product is exact.
 *
 * <p>What repeats here stays written out: C2 stops inlining methods, other than the Vector API's
 * own, into one that has grown too large, and a vector that crosses a call is an object.
 */
enum VectorHadamard implements Hadamard {
  INSTANCE;

  private static final int LANES = FLOATS.length();
  private static final int BLOCK = 8 * LANES;

  private static final FloatVector SIGNS_1 = signs(1);
  private static final FloatVector SIGNS_2 = signs(2);
  private static final FloatVector SIGNS_4 = signs(4);
  private static final FloatVector SIGNS_8 = signs(8);

  @Override
  public void transform(float[] x, int offset, int dim) {
    float factor = Hadamard.factor(dim);
    Objects.checkFromIndexSize(offset, dim, x.length);
    int end = offset + dim;
    int stride;
    if (dim >= BLOCK) {
      stride = BLOCK;
      for (int i = offset; i < end; i += BLOCK) {
        acrossBlock(x, i, stride == dim ? factor : 1);
      }
    } else {
      stride = LANES;
      acrossLanes(x, offset, end);
    }
    for (; stride < dim; stride *= 2) {
      acrossTwo(x, offset, end, stride, 2 * stride == dim ? factor : 1);
    }
  }

  /** Strides within a vector. */
  private static void acrossLanes(float[] x, int offset, int end) {
    for (int i = offset; i < end; i += LANES) {
      FloatVector v = FloatVector.fromArray(FLOATS, x, i);
      v = v.fma(SIGNS_1, v.rearrange(Lanes.SWAP_1));
      v = v.fma(SIGNS_2, v.rearrange(Lanes.SWAP_2));
      if (LANES > 4) {
        v = v.fma(SIGNS_4, v.rearrange(Lanes.SWAP_4));
      }
      if (LANES > 8) {
        v = v.fma(SIGNS_8, v.rearrange(Lanes.SWAP_8));
      }
      v.intoArray(x, i);
    }
  }

  /** One stride of at least a vector. */
  private static void acrossTwo(float[] x, int offset, int end, int stride, float factor) {
    for (int block = offset; block < end; block += 2 * stride) {
      for (int i = block; i < block + stride; i += LANES) {
        FloatVector a = FloatVector.fromArray(FLOATS, x, i);
        FloatVector b = FloatVector.fromArray(FLOATS, x, i + stride);
        a.add(b).mul(factor).intoArray(x, i);
        a.sub(b).mul(factor).intoArray(x, i + stride);
      }
    }
  }

  /** All strides within eight vectors, in registers: half the time of a pass for each. */
  private static void acrossBlock(float[] x, int at, float factor) {
    FloatVector a0 = FloatVector.fromArray(FLOATS, x, at);
    FloatVector a1 = FloatVector.fromArray(FLOATS, x, at + LANES);
    FloatVector a2 = FloatVector.fromArray(FLOATS, x, at + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(FLOATS, x, at + 3 * LANES);
    FloatVector a4 = FloatVector.fromArray(FLOATS, x, at + 4 * LANES);
    FloatVector a5 = FloatVector.fromArray(FLOATS, x, at + 5 * LANES);
    FloatVector a6 = FloatVector.fromArray(FLOATS, x, at + 6 * LANES);
    FloatVector a7 = FloatVector.fromArray(FLOATS, x, at + 7 * LANES);

    a0 = a0.fma(SIGNS_1, a0.rearrange(Lanes.SWAP_1));
    a1 = a1.fma(SIGNS_1, a1.rearrange(Lanes.SWAP_1));
    a2 = a2.fma(SIGNS_1, a2.rearrange(Lanes.SWAP_1));
    a3 = a3.fma(SIGNS_1, a3.rearrange(Lanes.SWAP_1));
    a4 = a4.fma(SIGNS_1, a4.rearrange(Lanes.SWAP_1));
    a5 = a5.fma(SIGNS_1, a5.rearrange(Lanes.SWAP_1));
    a6 = a6.fma(SIGNS_1, a6.rearrange(Lanes.SWAP_1));
    a7 = a7.fma(SIGNS_1, a7.rearrange(Lanes.SWAP_1));

    a0 = a0.fma(SIGNS_2, a0.rearrange(Lanes.SWAP_2));
    a1 = a1.fma(SIGNS_2, a1.rearrange(Lanes.SWAP_2));
    a2 = a2.fma(SIGNS_2, a2.rearrange(Lanes.SWAP_2));
    a3 = a3.fma(SIGNS_2, a3.rearrange(Lanes.SWAP_2));
    a4 = a4.fma(SIGNS_2, a4.rearrange(Lanes.SWAP_2));
    a5 = a5.fma(SIGNS_2, a5.rearrange(Lanes.SWAP_2));
    a6 = a6.fma(SIGNS_2, a6.rearrange(Lanes.SWAP_2));
    a7 = a7.fma(SIGNS_2, a7.rearrange(Lanes.SWAP_2));
    if (LANES > 4) {
      a0 = a0.fma(SIGNS_4, a0.rearrange(Lanes.SWAP_4));
      a1 = a1.fma(SIGNS_4, a1.rearrange(Lanes.SWAP_4));
      a2 = a2.fma(SIGNS_4, a2.rearrange(Lanes.SWAP_4));
      a3 = a3.fma(SIGNS_4, a3.rearrange(Lanes.SWAP_4));
      a4 = a4.fma(SIGNS_4, a4.rearrange(Lanes.SWAP_4));
      a5 = a5.fma(SIGNS_4, a5.rearrange(Lanes.SWAP_4));
      a6 = a6.fma(SIGNS_4, a6.rearrange(Lanes.SWAP_4));
      a7 = a7.fma(SIGNS_4, a7.rearrange(Lanes.SWAP_4));
    }
    if (LANES > 8) {
      a0 = a0.fma(SIGNS_8, a0.rearrange(Lanes.SWAP_8));
      a1 = a1.fma(SIGNS_8, a1.rearrange(Lanes.SWAP_8));
      a2 = a2.fma(SIGNS_8, a2.rearrange(Lanes.SWAP_8));
      a3 = a3.fma(SIGNS_8, a3.rearrange(Lanes.SWAP_8));
      a4 = a4.fma(SIGNS_8, a4.rearrange(Lanes.SWAP_8));
      a5 = a5.fma(SIGNS_8, a5.rearrange(Lanes.SWAP_8));
      a6 = a6.fma(SIGNS_8, a6.rearrange(Lanes.SWAP_8));
      a7 = a7.fma(SIGNS_8, a7.rearrange(Lanes.SWAP_8));
    }

    FloatVector b0 = a0.add(a1);
    FloatVector b1 = a0.sub(a1);
    FloatVector b2 = a2.add(a3);
    FloatVector b3 = a2.sub(a3);
    FloatVector b4 = a4.add(a5);
    FloatVector b5 = a4.sub(a5);
    FloatVector b6 = a6.add(a7);
    FloatVector b7 = a6.sub(a7);

    FloatVector c0 = b0.add(b2);
    FloatVector c1 = b1.add(b3);
    FloatVector c2 = b0.sub(b2);
    FloatVector c3 = b1.sub(b3);
    FloatVector c4 = b4.add(b6);
    FloatVector c5 = b5.add(b7);
    FloatVector c6 = b4.sub(b6);
    FloatVector c7 = b5.sub(b7);

    c0.add(c4).mul(factor).intoArray(x, at);
    c1.add(c5).mul(factor).intoArray(x, at + LANES);
    c2.add(c6).mul(factor).intoArray(x, at + 2 * LANES);
    c3.add(c7).mul(factor).intoArray(x, at + 3 * LANES);
    c0.sub(c4).mul(factor).intoArray(x, at + 4 * LANES);
    c1.sub(c5).mul(factor).intoArray(x, at + 5 * LANES);
    c2.sub(c6).mul(factor).intoArray(x, at + 6 * LANES);
    c3.sub(c7).mul(factor).intoArray(x, at + 7 * LANES);
  }

  /** +1 for lanes that hold the sum of a butterfly of that stride, −1 for the difference. */
  private static FloatVector signs(int stride) {
    float[] signs = new float[LANES];
    for (int lane = 0; lane < LANES; lane++) {
      signs[lane] = (lane & stride) == 0 ? 1 : -1;
    }
    return FloatVector.fromArray(FLOATS, signs, 0);
  }
}
