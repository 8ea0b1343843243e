package org.kvcache.kernels.device;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Pages of one size, one after the other, in device or pinned host memory. Immutable.
 *
 * @param device where they are visible
 * @param memory what they lie in, or null
 * @param pinned what they lie in if not in {@code memory}
 * @param offset byte offset of the first, a multiple of 16
 * @param pageBytes bytes of a page, a multiple of 16
 * @param pages how many there are
 */
public record PageRange(
    Device device,
    @Nullable DeviceMemory memory,
    @Nullable PinnedMemory pinned,
    long offset,
    long pageBytes,
    long pages) {

  private static final int ALIGNMENT = 16;

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if pages are not aligned, or there are more than an int counts
   */
  public PageRange {
    Objects.requireNonNull(device, "device");
    if ((memory == null) == (pinned == null)) {
      throw new IllegalArgumentException("pages lie in device memory or in pinned memory");
    }
    if (offset < 0 || offset % ALIGNMENT != 0 || pageBytes < 1 || pageBytes % ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          "pages of %d bytes from byte %d on; both must be multiples of %d"
              .formatted(pageBytes, offset, ALIGNMENT));
    }
    if (pages < 1 || pages > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d pages; 1 to %d can be counted".formatted(pages, Integer.MAX_VALUE));
    }
  }

  /** Pages in pinned host memory, from its beginning on. */
  public static PageRange of(PinnedMemory pinned, long pageBytes) {
    long pages = pageBytes < 1 ? 0 : pinned.segment().byteSize() / pageBytes;
    return new PageRange(pinned.device(), null, pinned, 0, pageBytes, pages);
  }

  long address(Device user) {
    if (memory != null) {
      return memory.address(user, offset, pageBytes * pages);
    }
    return Objects.requireNonNull(pinned).address(user, offset, pageBytes * pages);
  }
}
