package org.kvcache.quant;

/** Elements of whole bytes. */
enum RowElement {
  /** {@link E4M3}. */
  E4M3(1),
  /** {@link Fp16}, little-endian. */
  FP16(2),
  /** {@link Bf16}, little-endian. */
  BF16(2),
  /** IEEE 754 binary32, little-endian. */
  F32(4);

  private final int bytes;

  RowElement(int bytes) {
    this.bytes = bytes;
  }

  int bytes() {
    return bytes;
  }
}
