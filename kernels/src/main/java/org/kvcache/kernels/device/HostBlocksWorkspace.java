package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Two buffers of one size, pinned on the host and on the device, and a stream. What a call sends
 * lies at the front of both, what it gets back behind it. Grows to what was asked for.
 */
final class HostBlocksWorkspace implements AutoCloseable {

  private static final long LEAST = 1 << 16;

  private final Device device;
  private final DeviceStream stream;
  private final SplitBuffers splits;
  private @Nullable PinnedMemory host;
  private @Nullable DeviceMemory memory;

  HostBlocksWorkspace(Device device) {
    this.device = device;
    stream = device.newStream();
    splits = new SplitBuffers(device);
  }

  DeviceStream stream() {
    return stream;
  }

  SplitBuffers splits() {
    return splits;
  }

  /** Makes room for that many bytes. Nobody waits for the device here: calls end with a wait. */
  void reserve(long bytes) {
    if (host != null && host.segment().byteSize() >= bytes) {
      return;
    }
    long grown = Math.max(LEAST, Long.highestOneBit(bytes - 1) << 1);
    giveBack();
    host = device.allocatePinned(grown);
    memory = device.allocate(grown);
  }

  MemorySegment host() {
    return Objects.requireNonNull(host).segment();
  }

  /** The device's address of the same byte of the buffer there. */
  long address(long offset) {
    return Objects.requireNonNull(memory).address() + offset;
  }

  void send(long bytes) {
    device.driver().copyToDevice(address(0), host(), bytes, stream.handle(device));
  }

  /** Copies back to the same place in the host's buffer, and waits. */
  void receive(long offset, long bytes) {
    MemorySegment to = host().asSlice(offset, bytes);
    device.driver().copyToHost(to, address(offset), bytes, stream.handle(device));
    stream.synchronize();
  }

  /** Nothing may be under way on the stream. */
  @Override
  public void close() {
    giveBack();
    splits.close();
    stream.close();
  }

  private void giveBack() {
    if (host != null) {
      host.close();
      host = null;
    }
    if (memory != null) {
      memory.close();
      memory = null;
    }
  }
}
