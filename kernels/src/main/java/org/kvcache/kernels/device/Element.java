package org.kvcache.kernels.device;

/** What an array of numbers on a device is made of. */
public enum Element {
  /** IEEE 754 binary32. */
  F32(0, 4),
  /** IEEE 754 binary16. */
  F16(1, 2),
  /** The upper half of binary32. */
  BF16(2, 2),
  /** Integers of 32 bits. */
  I32(-1, 4),
  /** Integers of 64 bits. */
  I64(-1, 8);

  private final int code;
  private final int bytes;

  Element(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The native enum's number; below 0 if rows are not made of this. */
  int code() {
    return code;
  }

  /** Bytes of an element. */
  public int bytes() {
    return bytes;
  }
}
