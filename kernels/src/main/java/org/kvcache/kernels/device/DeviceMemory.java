package org.kvcache.kernels.device;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A lease of device memory. Closed once, by any thread, when no work on the device uses it any
 * more: memory that comes back is handed out again at once.
 */
public final class DeviceMemory implements AutoCloseable {

  private final Device device;
  private final long address;
  private final long bytes;
  private final AtomicBoolean closed = new AtomicBoolean();

  DeviceMemory(Device device, long address, long bytes) {
    this.device = device;
    this.address = address;
    this.bytes = bytes;
  }

  /** Where it is. */
  public Device device() {
    return device;
  }

  /** Its size. */
  public long bytes() {
    return bytes;
  }

  /**
   * The device's address of its first byte.
   *
   * @throws IllegalStateException after {@link #close}
   */
  public long address() {
    if (closed.get()) {
      throw new IllegalStateException(
          "%d bytes of memory on %s are used after they were given back"
              .formatted(bytes, device.name()));
    }
    return address;
  }

  /**
   * The address of a range in it.
   *
   * @throws IllegalArgumentException if the memory is another device's or the range leaves it
   */
  long address(Device user, long offset, long count) {
    if (user != device) {
      throw new IllegalArgumentException(
          "memory of %s is used on %s; copy it there first".formatted(device.name(), user.name()));
    }
    if (offset < 0 || count < 0 || offset > bytes - count) {
      throw new IllegalArgumentException(
          "bytes %d to %d of device memory of %d bytes".formatted(offset, offset + count, bytes));
    }
    return address() + offset;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      device.release(address, bytes);
    }
  }

  @Override
  public String toString() {
    return bytes + " bytes on " + device.name() + (closed.get() ? ", given back" : "");
  }
}
