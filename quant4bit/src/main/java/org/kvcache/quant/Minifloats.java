package org.kvcache.quant;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link E4M3}, {@link Fp16} and {@link Bf16} on lanes. A code sits in the low bits of a lane of
 * its {@link IntVector}. {@code shift} is by how many bits the mantissa of binary32 is longer,
 * {@code rebias} by how much its exponent bias is larger.
 */
final class Minifloats {

  private static final int EXPONENT_ONE = 1 << 23;
  private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

  private Minifloats() {}

  static FloatVector decodeE4M3(IntVector codes) {
    return decode(codes, E4M3.SHIFT, E4M3.REBIAS, E4M3.NAN, 24);
  }

  static IntVector encodeE4M3(FloatVector values) {
    IntVector bits = values.reinterpretAsInts();
    IntVector magnitudes = bits.and(0x7FFF_FFFF);
    return round(magnitudes, E4M3.SHIFT, E4M3.REBIAS)
        .min(E4M3.MAX_CODE)
        .blend(E4M3.NAN, magnitudes.compare(VectorOperators.GT, INFINITY))
        .or(bits.lanewise(VectorOperators.LSHR, 24).and(0x80));
  }

  static FloatVector decodeFp16(IntVector codes) {
    return decode(codes, Fp16.SHIFT, Fp16.REBIAS, Fp16.INFINITY_CODE, 16);
  }

  static IntVector encodeFp16(FloatVector values) {
    IntVector bits = values.reinterpretAsInts();
    IntVector magnitudes = bits.and(0x7FFF_FFFF);
    IntVector nan =
        magnitudes
            .lanewise(VectorOperators.LSHR, Fp16.SHIFT)
            .and(0x3FF)
            .or(Fp16.INFINITY_CODE | Fp16.QUIET);
    return round(magnitudes, Fp16.SHIFT, Fp16.REBIAS)
        .min(Fp16.INFINITY_CODE)
        .blend(nan, magnitudes.compare(VectorOperators.GT, INFINITY))
        .or(bits.lanewise(VectorOperators.LSHR, 16).and(0x8000));
  }

  static FloatVector decodeBf16(IntVector codes) {
    return codes.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  static IntVector encodeBf16(FloatVector values) {
    IntVector bits = values.reinterpretAsInts();
    IntVector upper = bits.lanewise(VectorOperators.LSHR, 16);
    return bits.add(upper.and(1))
        .add(0x7FFF)
        .lanewise(VectorOperators.LSHR, 16)
        .blend(upper.or(Bf16.QUIET), bits.and(0x7FFF_FFFF).compare(VectorOperators.GT, INFINITY));
  }

  /**
   * @param special the first magnitude that stands for no finite value
   * @param signShift from the sign's place in the code to bit 31
   */
  private static FloatVector decode(
      IntVector codes, int shift, int rebias, int special, int signShift) {
    int magnitudeBits = 31 - signShift;
    IntVector magnitudes = codes.and((1 << magnitudeBits) - 1);
    IntVector normal = magnitudes.lanewise(VectorOperators.LSHL, shift).add(rebias << 23);
    // An implicit one makes a subnormal a normal number that is too large by the smallest normal.
    float smallestNormal = Float.intBitsToFloat((rebias + 1) << 23);
    IntVector subnormal =
        normal.add(EXPONENT_ONE).reinterpretAsFloats().sub(smallestNormal).reinterpretAsInts();
    VectorMask<Integer> small = magnitudes.compare(VectorOperators.LT, 1 << (23 - shift));
    VectorMask<Integer> notFinite = magnitudes.compare(VectorOperators.GE, special);
    IntVector signs = codes.lanewise(VectorOperators.LSHL, signShift).and(0x8000_0000);
    return normal
        .blend(subnormal, small)
        .lanewise(VectorOperators.OR, INFINITY, notFinite)
        .or(signs)
        .reinterpretAsFloats();
  }

  /** Magnitudes to the nearest code, ties to even, with no regard to overflow or NaN. */
  private static IntVector round(IntVector magnitudes, int shift, int rebias) {
    IntVector odd = magnitudes.lanewise(VectorOperators.LSHR, shift).and(1);
    IntVector normal =
        magnitudes
            .add(odd)
            .add((1 << (shift - 1)) - 1)
            .lanewise(VectorOperators.LSHR, shift)
            .sub(rebias << (23 - shift));
    // Floats of this size are as far apart as the code's subnormals, so the sum rounds to them.
    int rounder = (rebias + 1 + shift) << 23;
    IntVector subnormal =
        magnitudes
            .reinterpretAsFloats()
            .add(Float.intBitsToFloat(rounder))
            .reinterpretAsInts()
            .sub(rounder);
    return normal.blend(subnormal, magnitudes.compare(VectorOperators.LT, (rebias + 1) << 23));
  }
}
