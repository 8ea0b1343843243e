package org.kvcache.quant;

import java.lang.foreign.MemorySegment;

/**
 * What tells one format of four-bit codes from another: how floats become codes, and what the bytes
 * of the scale plane mean. Immutable.
 */
interface GroupFormat {

  /** How codes lie and what they stand for. */
  NibbleShape shape();

  /** Bytes of the scale plane for a row. */
  int scaleBytes();

  /** True if a group's zero point is added to its values. */
  default boolean hasZeros() {
    return false;
  }

  /** Writes {@code count} rows; {@code rows} and {@code memory} are long enough. */
  void encode(float[] rows, int offset, int count, MemorySegment memory, long codes, long scales);

  /**
   * Reads the scales of {@code count} rows, {@link NibbleShape#groups} for a row, and as many zero
   * points if there are any.
   */
  void scales(MemorySegment memory, long from, int count, float[] scales, float[] zeros);
}
