package org.kvcache.kernels.emu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.kvcache.kernels.device.DeviceDriver;
import org.kvcache.kernels.device.KernelInfo;

/**
 * Host memory and immediate launches. Kernel handles are places in a list, from 1 on; there is one
 * queue, the calling thread, and so streams are all alike.
 */
class EmulatedDriver implements DeviceDriver {

  /** Few, so that short contexts are split in few parts. */
  private static final int MULTIPROCESSORS = 8;

  static final int THREADS_UP = 0;
  static final int THREADS_DOWN = 1;

  private static final int POISON = 1;

  private final Emulation emulation;
  private final EmulatedTarget target;
  private final List<MemorySegment> kernels = new ArrayList<>();
  private final List<Long> events = new ArrayList<>();

  EmulatedDriver(Emulation emulation, EmulatedTarget target) {
    this.emulation = emulation;
    this.target = target;
  }

  @Override
  public String name() {
    return "emu-" + target.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String description() {
    return "emulated on the host, for tests";
  }

  @Override
  public int multiprocessors() {
    return MULTIPROCESSORS;
  }

  @Override
  public boolean pooled() {
    return false; // guard pages stand where an allocation ends, not where its size class does
  }

  @Override
  public long allocate(long bytes) {
    return emulation.allocate(bytes);
  }

  @Override
  public void free(long address) {
    emulation.free(address);
  }

  @Override
  public MemorySegment allocatePinned(long bytes) {
    return MemorySegment.ofAddress(emulation.allocate(bytes)).reinterpret(bytes);
  }

  @Override
  public long pinnedAddress(MemorySegment pinned) {
    return pinned.address();
  }

  @Override
  public void freePinned(MemorySegment pinned) {
    emulation.free(pinned.address());
  }

  @Override
  public void copyToDevice(long to, MemorySegment source, long bytes, long stream) {
    MemorySegment.copy(source, 0, at(to, bytes), 0, bytes);
  }

  @Override
  public void copyToHost(MemorySegment to, long source, long bytes, long stream) {
    MemorySegment.copy(at(source, bytes), 0, to, 0, bytes);
  }

  @Override
  public void fill(long address, byte value, long bytes, long stream) {
    at(address, bytes).fill(value);
  }

  static MemorySegment at(long address, long bytes) {
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  @Override
  public long createStream() {
    return 0;
  }

  @Override
  public void destroyStream(long stream) {}

  @Override
  public void synchronizeStream(long stream) {}

  @Override
  public long createEvent() {
    synchronized (events) {
      events.add(0L);
      return events.size() - 1L;
    }
  }

  @Override
  public void destroyEvent(long event) {}

  @Override
  public void recordEvent(long event, long stream) {
    synchronized (events) {
      events.set((int) event, System.nanoTime());
    }
  }

  @Override
  public void synchronizeEvent(long event) {}

  @Override
  public void awaitEvent(long stream, long event) {}

  @Override
  public float elapsedMillis(long from, long to) {
    synchronized (events) {
      return (events.get((int) to) - events.get((int) from)) / 1e6f;
    }
  }

  @Override
  public void synchronize() {}

  @Override
  public long findKernel(String name) {
    if (emulation.info(target, name) == null) {
      return 0;
    }
    synchronized (kernels) {
      kernels.add(Arena.ofAuto().allocateFrom(name));
      return kernels.size();
    }
  }

  @Override
  public KernelInfo kernelInfo(String name) {
    return Objects.requireNonNull(emulation.info(target, name), name);
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
    MemorySegment name;
    synchronized (kernels) {
      name = kernels.get((int) kernel - 1);
    }
    launch(
        name.getString(0),
        (poison, order) ->
            emulation.launch(target, name, gridX, gridY, gridZ, arguments, poison, order));
  }

  /** Runs a kernel. */
  void launch(String name, Launch kernel) {
    kernel.run(POISON, THREADS_UP);
  }

  /** A kernel with its arguments. */
  interface Launch {

    /** Runs it: {@code kvcache_emu_launch} says what the numbers mean. */
    void run(int poison, int order);
  }

  @Override
  public void close() {}
}
