package org.kvcache.kernels.device;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the parts of a split attention leave for the one that arrives last. Grows to what was asked
 * for and then stays. For launches that follow each other on one stream.
 */
final class SplitBuffers implements AutoCloseable {

  private final Device device;
  private @Nullable DeviceMemory partial;
  private @Nullable DeviceMemory arrived;

  SplitBuffers(Device device) {
    this.device = device;
  }

  /** Makes room; counters are 0. */
  void reserve(long partialBytes, long tiles, DeviceStream stream) {
    if (partial == null || partial.bytes() < partialBytes) {
      // Whoever gets the old memory next must not meet a launch that still writes to it.
      stream.synchronize();
      release(partial);
      partial = null;
      partial = device.allocate(partialBytes);
    }
    long counterBytes = tiles * Integer.BYTES;
    if (arrived == null || arrived.bytes() < counterBytes) {
      stream.synchronize();
      release(arrived);
      arrived = null;
      arrived = device.allocate(counterBytes);
      device.fill(arrived, 0, counterBytes, (byte) 0, stream);
    }
  }

  long partial() {
    return Objects.requireNonNull(partial).address();
  }

  long arrived() {
    return Objects.requireNonNull(arrived).address();
  }

  private static void release(@Nullable DeviceMemory memory) {
    if (memory != null) {
      memory.close();
    }
  }

  @Override
  public void close() {
    release(partial);
    release(arrived);
  }
}
