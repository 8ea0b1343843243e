package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A device with memory and kernels of its own. Memory that is given back is kept for the next
 * allocation of its size. Thread-safe. What it lent must be closed before it.
 */
public final class Device implements AutoCloseable {

  private static final int MOST_BLOCKS = 65_535; // in y and z, of CUDA and HIP alike

  private final DeviceDriver driver;
  private final MemoryPool pool;
  private final DeviceStream defaultStream;
  private final ConcurrentHashMap<String, DeviceKernel> kernels = new ConcurrentHashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Over a driver, which it closes. Engines take one from {@code CudaDevice} and the like. */
  public Device(DeviceDriver driver) {
    this.driver = driver;
    pool = new MemoryPool(driver);
    defaultStream = new DeviceStream(this, 0);
  }

  /** For messages and tables: {@code cuda:0}. */
  public String name() {
    return driver.name();
  }

  /** One line about the hardware. */
  public String description() {
    return driver.description();
  }

  /** Processors that run blocks of threads independently of each other. */
  public int multiprocessors() {
    return driver.multiprocessors();
  }

  /**
   * Device memory, aligned to 256 bytes; what is in it is not defined.
   *
   * @throws IllegalArgumentException if {@code bytes} is below 1
   * @throws DeviceException if there is not so much left
   */
  public DeviceMemory allocate(long bytes) {
    checkSize(bytes);
    return new DeviceMemory(this, pool.allocate(bytes), bytes);
  }

  /** Host memory that the device reads and writes itself; it is dear, so keep it. */
  public PinnedMemory allocatePinned(long bytes) {
    checkSize(bytes);
    MemorySegment segment = driver().allocatePinned(bytes);
    return new PinnedMemory(this, segment, driver.pinnedAddress(segment));
  }

  private void checkSize(long bytes) {
    driver();
    if (bytes < 1) {
      throw new IllegalArgumentException(bytes + " bytes of memory; at least 1 is needed");
    }
  }

  /**
   * Copies all of {@code source} to the device, behind what is on the stream. {@code source} stays
   * as it is until then.
   *
   * @throws IllegalArgumentException if {@code source} is on the Java heap or does not fit
   */
  public void copy(MemorySegment source, DeviceMemory target, long offset, DeviceStream stream) {
    checkNative(source);
    long to = target.address(this, offset, source.byteSize());
    driver().copyToDevice(to, source, source.byteSize(), stream.handle(this));
  }

  /** Copies from the device until {@code target} is full, behind what is on the stream. */
  public void copy(DeviceMemory source, long offset, MemorySegment target, DeviceStream stream) {
    checkNative(target);
    long from = source.address(this, offset, target.byteSize());
    driver().copyToHost(target, from, target.byteSize(), stream.handle(this));
  }

  private static void checkNative(MemorySegment host) {
    Objects.requireNonNull(host, "host memory");
    if (!host.isNative()) {
      throw new IllegalArgumentException(
          "%d bytes on the Java heap; devices copy from and to native memory only, take it from"
                  .formatted(host.byteSize())
              + " an Arena or allocatePinned");
    }
  }

  /** Sets bytes of device memory, behind what is on the stream. */
  public void fill(DeviceMemory memory, long offset, long bytes, byte value, DeviceStream stream) {
    driver().fill(memory.address(this, offset, bytes), value, bytes, stream.handle(this));
  }

  /** The stream that work goes to where no other is named. */
  public DeviceStream defaultStream() {
    return defaultStream;
  }

  /** A stream of its own. */
  public DeviceStream newStream() {
    return new DeviceStream(this, driver().createStream());
  }

  /** An event. */
  public DeviceEvent newEvent() {
    return new DeviceEvent(this, driver().createEvent());
  }

  /** Waits until all work on the device is done. */
  public void synchronize() {
    driver().synchronize();
  }

  /** Gives memory that nobody holds back to the driver; returns how many bytes. */
  public long trim() {
    return pool.trim();
  }

  /** The kernel of that name, or null if the device's module has none. */
  @Nullable DeviceKernel findKernel(String name) {
    DeviceKernel known = kernels.get(name);
    if (known != null) {
      return known;
    }
    long handle = driver().findKernel(name);
    if (handle == 0) {
      return null;
    }
    var kernel = new DeviceKernel(this, name, handle, driver.kernelInfo(name));
    kernels.put(name, kernel);
    return kernel;
  }

  /** The kernel of that name. */
  DeviceKernel kernel(String name) {
    DeviceKernel kernel = findKernel(name);
    if (kernel == null) {
      throw new IllegalArgumentException(name() + " has no kernel '" + name + "'");
    }
    return kernel;
  }

  /** Starts a kernel behind what is on the stream. */
  void launch(
      DeviceKernel kernel,
      long gridX,
      long gridY,
      long gridZ,
      MemorySegment arguments,
      DeviceStream stream) {
    if (gridX < 1
        || gridX > Integer.MAX_VALUE
        || gridY < 1
        || gridY > MOST_BLOCKS
        || gridZ < 1
        || gridZ > MOST_BLOCKS) {
      throw new IllegalArgumentException(
          "%s on a grid of %d x %d x %d; the limits are %d x %d x %d"
              .formatted(
                  kernel.name(), gridX, gridY, gridZ, Integer.MAX_VALUE, MOST_BLOCKS, MOST_BLOCKS));
    }
    long queue = stream.handle(this);
    driver()
        .launch(
            kernel.handle(),
            kernel.info(),
            (int) gridX,
            (int) gridY,
            (int) gridZ,
            arguments,
            queue);
  }

  void release(long address, long bytes) {
    if (!closed.get()) {
      pool.release(address, bytes);
    }
  }

  void release(MemorySegment pinned) {
    if (!closed.get()) {
      driver.freePinned(pinned);
    }
  }

  DeviceDriver driver() {
    if (closed.get()) {
      throw new IllegalStateException(driver.name() + " is used after it was closed");
    }
    return driver;
  }

  /** Waits for all work, then lets the device go. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      driver.synchronize();
      pool.trim();
      driver.close();
    }
  }

  @Override
  public String toString() {
    return name() + " (" + description() + ")";
  }
}
