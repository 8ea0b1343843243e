package org.kvcache.quant;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/** The twins in the Vector API, for vectors of 128 to 512 bits. */
final class VectorKernels implements Kernels {

  /** No wider than 512 bits: reductions are defined over {@value #VIRTUAL_LANES} lanes. */
  static final VectorSpecies<Float> FLOATS =
      FloatVector.SPECIES_PREFERRED.vectorBitSize() > 512
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  static final VectorSpecies<Integer> INTS =
      IntVector.SPECIES_PREFERRED.withShape(FLOATS.vectorShape());
  static final VectorSpecies<Long> LONGS =
      LongVector.SPECIES_PREFERRED.withShape(FLOATS.vectorShape());

  static final int VIRTUAL_LANES = 16;

  VectorKernels() {
    if (FLOATS.length() < 4) {
      throw new UnsupportedOperationException(
          "vectors of " + FLOATS.vectorBitSize() + " bits are too short to be worth it");
    }
  }

  @Override
  public Hadamard hadamard() {
    return VectorHadamard.INSTANCE;
  }

  @Override
  public RowKernels rows() {
    return VectorRowKernels.INSTANCE;
  }

  @Override
  public NibbleKernels nibbles() {
    return VectorNibbleKernels.INSTANCE;
  }

  @Override
  public GroupEncoders encoders() {
    return VectorGroupEncoders.INSTANCE;
  }

  @Override
  public String toString() {
    return "Vector API, " + FLOATS.vectorBitSize() + " bits";
  }
}
