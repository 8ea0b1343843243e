package org.kvcache.kernels.device;

import java.util.concurrent.atomic.AtomicBoolean;

/** A queue of work on a device, done in order. Closed once; thread-safe. */
public final class DeviceStream implements AutoCloseable {

  private final Device device;
  private final long handle;
  private final AtomicBoolean closed = new AtomicBoolean();

  DeviceStream(Device device, long handle) {
    this.device = device;
    this.handle = handle;
  }

  /** Waits until all that was put on it is done. */
  public void synchronize() {
    device.driver().synchronizeStream(handle(device));
  }

  /** Makes what follows on this stream wait for an event of another stream. */
  public void await(DeviceEvent event) {
    device.driver().awaitEvent(handle(device), event.handle(device));
  }

  long handle(Device user) {
    if (user != device) {
      throw new IllegalArgumentException(
          "a stream of %s is used on %s".formatted(device.name(), user.name()));
    }
    if (closed.get()) {
      throw new IllegalStateException("a stream of " + device.name() + " is used after its end");
    }
    return handle;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      device.driver().destroyStream(handle);
    }
  }
}
