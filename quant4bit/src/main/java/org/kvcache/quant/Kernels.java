package org.kvcache.quant;

/**
 * The hot loops, once in plain Java and once in the Vector API. Both give the same bits. Codecs
 * take theirs when they are made, so that tests can hold one against the other.
 */
interface Kernels {

  /** Walsh-Hadamard transform. */
  Hadamard hadamard();

  /** Rows of whole numbers of bytes per element: E4M3, BF16, FP16. */
  RowKernels rows();

  /** Rows of four-bit codes. */
  NibbleKernels nibbles();

  /** From floats to four-bit codes. */
  GroupEncoders encoders();

  /** Plain Java, everywhere. */
  static Kernels scalar() {
    return ScalarKernels.INSTANCE;
  }

  /** The fastest this process may use; decided once. */
  static Kernels best() {
    return Vectorization.KERNELS;
  }
}
