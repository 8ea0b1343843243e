package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;

/**
 * Copies pages in one launch: within a device, or to and from pinned host memory, which the kernel
 * reads and writes over the bus itself. Belongs to one thread; a call allocates nothing.
 */
public final class DeviceCopier {

  private static final long BYTES_PER_BLOCK = 1 << 14;
  private static final long MOST_PARTS = 64;

  private final Device device;
  private final DeviceKernel kernel;
  private final MemorySegment arguments = Abi.newArguments(Abi.Copy.LAYOUT);

  /** For pages that {@code device} sees. */
  public DeviceCopier(Device device) {
    this.device = device;
    kernel = device.kernel("kvcache_copy");
  }

  /**
   * Copies page {@code from[i]} of {@code source} to page {@code to[i]} of {@code target}, for
   * {@code i < count}; nothing where {@code from[i]} is below 0. Pages must not be written twice or
   * read and written by one call.
   *
   * @param from I32
   * @param to I32
   * @throws IllegalArgumentException if pages differ in size, or an array is too short or of
   *     another device
   * @throws IllegalStateException if memory was given back
   */
  public void copy(
      PageRange source,
      DeviceArray from,
      PageRange target,
      DeviceArray to,
      int count,
      DeviceStream stream) {
    if (source.pageBytes() != target.pageBytes()) {
      throw new IllegalArgumentException(
          "pages of %d bytes are copied to pages of %d bytes; they must be alike"
              .formatted(source.pageBytes(), target.pageBytes()));
    }
    if (count < 1) {
      throw new IllegalArgumentException(count + " pages to copy; at least 1 is needed");
    }
    Abi.set(arguments, Abi.Copy.SOURCE, source.address(device));
    Abi.set(arguments, Abi.Copy.TARGET, target.address(device));
    Abi.set(arguments, Abi.Copy.FROM, from.address(device, "from", Element.I32, count));
    Abi.set(arguments, Abi.Copy.TO, to.address(device, "to", Element.I32, count));
    Abi.set(arguments, Abi.Copy.SOURCE_STRIDE, source.pageBytes());
    Abi.set(arguments, Abi.Copy.TARGET_STRIDE, target.pageBytes());
    Abi.set(arguments, Abi.Copy.BYTES, source.pageBytes());
    long parts = Math.min(Math.ceilDiv(source.pageBytes(), BYTES_PER_BLOCK), MOST_PARTS);
    device.launch(kernel, count, parts, 1, arguments, stream);
  }
}
