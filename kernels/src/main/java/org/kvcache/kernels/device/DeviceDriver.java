package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;

/**
 * What {@link Device} asks of a vendor's runtime: raw addresses and handles, nothing checked.
 * Addresses are those of the device; handles are whatever the driver likes, 0 is the default
 * stream. Thread-safe. Every method throws {@link DeviceException} when the runtime refuses.
 */
public interface DeviceDriver extends AutoCloseable {

  /** For messages and tables: {@code cuda:0}. */
  String name();

  /** One line about the hardware. */
  String description();

  /** Processors that run blocks of threads independently of each other. */
  int multiprocessors();

  /** True if freed memory is worth keeping for the next allocation. */
  boolean pooled();

  /** Allocates device memory, aligned to 256 bytes where the runtime can. */
  long allocate(long bytes);

  /** Gives it back. */
  void free(long address);

  /** Allocates host memory that the device reads and writes itself. */
  MemorySegment allocatePinned(long bytes);

  /** The device's address of it. */
  long pinnedAddress(MemorySegment pinned);

  /** Gives it back. */
  void freePinned(MemorySegment pinned);

  /** Copies from the host. {@code source} is native and stays as it is until the stream is done. */
  void copyToDevice(long target, MemorySegment source, long bytes, long stream);

  /** Copies to the host. {@code target} is native. */
  void copyToHost(MemorySegment target, long source, long bytes, long stream);

  /** Sets bytes. */
  void fill(long address, byte value, long bytes, long stream);

  /** A stream that does not wait for the default stream. */
  long createStream();

  /** Ends it. */
  void destroyStream(long stream);

  /** Waits until all that was put on the stream is done. */
  void synchronizeStream(long stream);

  /** An event with a time. */
  long createEvent();

  /** Ends it. */
  void destroyEvent(long event);

  /** Puts the event on the stream. */
  void recordEvent(long event, long stream);

  /** Waits until it has passed. */
  void synchronizeEvent(long event);

  /** Makes the stream wait for the event. */
  void awaitEvent(long stream, long event);

  /** Milliseconds between two events that have passed. */
  float elapsedMillis(long from, long to);

  /** Waits for everything. */
  void synchronize();

  /** The handle of a kernel, ready for its shared memory, or 0 if the driver has none such. */
  long findKernel(String name);

  /** What the kernel says about itself. */
  KernelInfo kernelInfo(String name);

  /** Starts a kernel whose only parameter is {@code arguments} by value. Allocates nothing. */
  void launch(
      long kernel,
      KernelInfo info,
      int gridX,
      int gridY,
      int gridZ,
      MemorySegment arguments,
      long stream);

  @Override
  void close();
}
