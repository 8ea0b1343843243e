package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A lease of host memory that never moves and that the device reads and writes itself. Closed once,
 * by any thread, when no work on the device uses it any more.
 */
public final class PinnedMemory implements AutoCloseable {

  private final Device device;
  private final MemorySegment segment;
  private final long address;
  private final AtomicBoolean closed = new AtomicBoolean();

  PinnedMemory(Device device, MemorySegment segment, long address) {
    this.device = device;
    this.segment = segment;
    this.address = address;
  }

  /** Where it is visible. */
  public Device device() {
    return device;
  }

  /**
   * The memory as the host sees it.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public MemorySegment segment() {
    if (closed.get()) {
      throw new IllegalStateException(
          "%d bytes of pinned memory of %s are used after they were given back"
              .formatted(segment.byteSize(), device.name()));
    }
    return segment;
  }

  /** The device's address of a range, as {@link DeviceMemory#address(Device, long, long)}. */
  long address(Device user, long offset, long count) {
    if (user != device) {
      throw new IllegalArgumentException(
          "pinned memory of %s is used on %s; allocate it there"
              .formatted(device.name(), user.name()));
    }
    long bytes = segment().byteSize();
    if (offset < 0 || count < 0 || offset > bytes - count) {
      throw new IllegalArgumentException(
          "bytes %d to %d of pinned memory of %d bytes".formatted(offset, offset + count, bytes));
    }
    return address + offset;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      device.release(segment);
    }
  }
}
