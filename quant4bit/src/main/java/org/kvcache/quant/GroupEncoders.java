package org.kvcache.quant;

import java.lang.foreign.MemorySegment;

/**
 * From floats to four-bit codes in natural order with a scale byte for each group. Groups lie one
 * after another in all three places, whatever rows they belong to.
 */
interface GroupEncoders {

  /** Groups of 32, UE8M0 scales, E2M1 codes. */
  void mxfp4(
      ScaleRule rule,
      float[] rows,
      int offset,
      int groups,
      MemorySegment memory,
      long codes,
      long scales);

  /** Groups of 16, E4M3 scales, E2M1 codes. */
  void nvfp4(
      float tensorScale,
      float[] rows,
      int offset,
      int groups,
      MemorySegment memory,
      long codes,
      long scales);

  /** Groups of 32, E4M3 scales, codes of {@link Lm16}. */
  void lm16(
      float tensorScale,
      float[] rows,
      int offset,
      int groups,
      MemorySegment memory,
      long codes,
      long scales);
}
