package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector")
class VectorizationTest {

  private static final int MAX_BITS = Integer.getInteger("kvcache.test.maxVectorBits", 512);

  @Test
  void bestKernelsAreTheVectorOnes() {
    assertThat(Kernels.best()).isInstanceOf(VectorKernels.class);
  }

  @Test
  void vectorsAreNoWiderThanThisRunAllows() {
    assertThat(VectorKernels.FLOATS.vectorBitSize()).isBetween(128, MAX_BITS);
  }

  @Test
  void allSpeciesHaveOneShape() {
    assertThat(VectorKernels.INTS.vectorShape()).isEqualTo(VectorKernels.FLOATS.vectorShape());
    assertThat(VectorKernels.LONGS.vectorShape()).isEqualTo(VectorKernels.FLOATS.vectorShape());
  }
}
