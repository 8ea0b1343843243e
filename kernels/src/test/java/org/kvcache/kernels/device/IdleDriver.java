package org.kvcache.kernels.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Has addresses but no memory, and names of kernels but no kernels: nothing may be launched. */
class IdleDriver implements DeviceDriver {

  private final String name;
  private long next = 4096;

  IdleDriver(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String description() {
    return "does nothing";
  }

  @Override
  public int multiprocessors() {
    return 8;
  }

  @Override
  public boolean pooled() {
    return false;
  }

  @Override
  public synchronized long allocate(long bytes) {
    long address = next;
    next += bytes + 4096 & -4096L;
    return address;
  }

  @Override
  public void free(long address) {}

  @Override
  public MemorySegment allocatePinned(long bytes) {
    return Arena.ofAuto().allocate(bytes, 16);
  }

  @Override
  public long pinnedAddress(MemorySegment pinned) {
    return pinned.address();
  }

  @Override
  public void freePinned(MemorySegment pinned) {}

  @Override
  public void copyToDevice(long target, MemorySegment source, long bytes, long stream) {
    throw called("copyToDevice");
  }

  @Override
  public void copyToHost(MemorySegment target, long source, long bytes, long stream) {
    throw called("copyToHost");
  }

  @Override
  public void fill(long address, byte value, long bytes, long stream) {
    throw called("fill");
  }

  @Override
  public long createStream() {
    return 1;
  }

  @Override
  public void destroyStream(long stream) {}

  @Override
  public void synchronizeStream(long stream) {}

  @Override
  public long createEvent() {
    return 1;
  }

  @Override
  public void destroyEvent(long event) {}

  @Override
  public void recordEvent(long event, long stream) {}

  @Override
  public void synchronizeEvent(long event) {}

  @Override
  public void awaitEvent(long stream, long event) {}

  @Override
  public float elapsedMillis(long from, long to) {
    return 0;
  }

  @Override
  public void synchronize() {}

  @Override
  public long findKernel(String kernel) {
    return 1;
  }

  @Override
  public KernelInfo kernelInfo(String kernel) {
    return new KernelInfo(128, 16, 0);
  }

  @Override
  public void launch(
      long kernel,
      KernelInfo info,
      int gridX,
      int gridY,
      int gridZ,
      MemorySegment arguments,
      long stream) {
    throw called("launch");
  }

  private static AssertionError called(String function) {
    return new AssertionError(function + " was called");
  }

  @Override
  public void close() {}
}
