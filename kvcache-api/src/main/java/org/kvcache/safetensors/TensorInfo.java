package org.kvcache.safetensors;

import java.util.List;

/**
 * What the header of a safetensors file says about one tensor.
 *
 * @param name unique in the file
 * @param dtype type of an element as the format names it, such as {@code F32} or {@code BF16}; may
 *     be one that this release does not know
 * @param shape elements along each dimension, outermost first; empty for a single number
 * @param offset position of the first byte, from the start of the file
 * @param bytes size of the data
 */
public record TensorInfo(String name, String dtype, List<Long> shape, long offset, long bytes) {

  /** Copies the shape. */
  public TensorInfo {
    shape = List.copyOf(shape);
  }

  /**
   * Product of the shape; 1 for a single number.
   *
   * @throws ArithmeticException if that is no {@code long}, which no tensor of a file is
   */
  public long elements() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  /** Position after the last byte, from the start of the file. */
  long end() {
    return offset + bytes;
  }
}
