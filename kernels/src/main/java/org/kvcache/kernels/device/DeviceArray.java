package org.kvcache.kernels.device;

import java.util.Objects;

/**
 * Numbers in device memory. Immutable; make it once and use it for every launch.
 *
 * @param memory what they lie in
 * @param offset byte offset of the first, a multiple of 16
 * @param element what they are
 * @param length how many there are
 */
public record DeviceArray(DeviceMemory memory, long offset, Element element, long length) {

  private static final int ALIGNMENT = 16; // kernels read rows sixteen bytes at a time

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException if it is not aligned or leaves the memory
   */
  public DeviceArray {
    Objects.requireNonNull(memory, "device memory");
    Objects.requireNonNull(element, "element");
    if (offset < 0 || offset % ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          "an array at byte %d of device memory; give a multiple of %d"
              .formatted(offset, ALIGNMENT));
    }
    if (length < 0 || length > (memory.bytes() - offset) / element.bytes()) {
      throw new IllegalArgumentException(
          "%d elements of %s from byte %d on in device memory of %d bytes"
              .formatted(length, element, offset, memory.bytes()));
    }
  }

  /** As many elements as the memory holds. */
  public static DeviceArray of(DeviceMemory memory, Element element) {
    return new DeviceArray(memory, 0, element, memory.bytes() / element.bytes());
  }

  /**
   * The address, after a check that a kernel may use it.
   *
   * @param what its role, for messages
   * @param needed elements that the kernel reads or writes
   */
  long address(Device user, String what, long needed) {
    if (needed > length) {
      throw new IllegalArgumentException(
          "%s: %d elements of %s; this shape needs %d".formatted(what, length, element, needed));
    }
    try {
      return memory.address(user, offset, length * element.bytes());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
    } catch (IllegalStateException e) {
      throw new IllegalStateException(what + ": " + e.getMessage(), e);
    }
  }

  /** The same for an array that must be made of {@code wanted}. */
  long address(Device user, String what, Element wanted, long needed) {
    if (element != wanted) {
      throw new IllegalArgumentException(what + " are " + element + "; give " + wanted);
    }
    return address(user, what, needed);
  }

  /** The same for rows, whatever kind of float they are made of. */
  long rows(Device user, String what, long needed) {
    if (element.code() < 0) {
      throw new IllegalArgumentException(what + " are " + element + "; give F32, F16 or BF16");
    }
    return address(user, what, needed);
  }
}
