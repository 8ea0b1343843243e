package org.kvcache.kernels.device;

import java.util.concurrent.atomic.AtomicBoolean;

/** A point on a stream, with its time. Closed once; thread-safe. */
public final class DeviceEvent implements AutoCloseable {

  private final Device device;
  private final long handle;
  private final AtomicBoolean closed = new AtomicBoolean();

  DeviceEvent(Device device, long handle) {
    this.device = device;
    this.handle = handle;
  }

  /** Puts it behind what is on the stream. */
  public void record(DeviceStream stream) {
    device.driver().recordEvent(handle(device), stream.handle(device));
  }

  /** Waits until it has passed. */
  public void synchronize() {
    device.driver().synchronizeEvent(handle(device));
  }

  /** Milliseconds from {@code earlier} to this event; both have passed. */
  public float millisSince(DeviceEvent earlier) {
    return device.driver().elapsedMillis(earlier.handle(device), handle(device));
  }

  long handle(Device user) {
    if (user != device) {
      throw new IllegalArgumentException(
          "an event of %s is used on %s".formatted(device.name(), user.name()));
    }
    if (closed.get()) {
      throw new IllegalStateException("an event of " + device.name() + " is used after its end");
    }
    return handle;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      device.driver().destroyEvent(handle);
    }
  }
}
