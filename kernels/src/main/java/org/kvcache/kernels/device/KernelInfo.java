package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a kernel says about itself; {@code KernelInfo} in {@code simt/abi.h}.
 *
 * @param threads threads of a block
 * @param rows query rows of a tile, 0 where there are none
 * @param sharedBytes dynamic shared memory of a block
 */
public record KernelInfo(int threads, int rows, int sharedBytes) {

  /** Bytes of the native struct. */
  public static final int BYTES = 12;

  /** Reads the native struct. */
  public static KernelInfo read(MemorySegment from) {
    return new KernelInfo(
        from.get(ValueLayout.JAVA_INT_UNALIGNED, 0),
        from.get(ValueLayout.JAVA_INT_UNALIGNED, 4),
        from.get(ValueLayout.JAVA_INT_UNALIGNED, 8));
  }
}
