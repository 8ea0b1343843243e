package org.kvcache.kernels.emu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SortedMap;
import java.util.TreeMap;
import org.kvcache.kernels.device.DeviceException;

/**
 * Runs every kernel twice and compares all memory of the device, byte by byte. Of two threads that
 * race for a byte, each is first once.
 */
final class CheckedDriver extends EmulatedDriver {

  private final int seed;
  private final SortedMap<Long, MemorySegment> memory = new TreeMap<>();

  CheckedDriver(Emulation emulation, EmulatedTarget target, int seed) {
    super(emulation, target);
    this.seed = seed;
  }

  @Override
  public synchronized long allocate(long bytes) {
    long address = super.allocate(bytes);
    memory.put(address, at(address, bytes));
    return address;
  }

  @Override
  public synchronized void free(long address) {
    memory.remove(address);
    super.free(address);
  }

  @Override
  public synchronized MemorySegment allocatePinned(long bytes) {
    MemorySegment pinned = super.allocatePinned(bytes);
    memory.put(pinned.address(), pinned);
    return pinned;
  }

  @Override
  public synchronized void freePinned(MemorySegment pinned) {
    memory.remove(pinned.address());
    super.freePinned(pinned);
  }

  @Override
  synchronized void launch(String name, Launch kernel) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment before = image(arena);
      kernel.run(seed, THREADS_UP);
      MemorySegment after = image(arena);
      restore(before);
      kernel.run(~seed, THREADS_DOWN);
      compare(name, after);
    }
  }

  private MemorySegment image(Arena arena) {
    long bytes = memory.values().stream().mapToLong(MemorySegment::byteSize).sum();
    MemorySegment image = arena.allocate(Math.max(1, bytes));
    long at = 0;
    for (MemorySegment each : memory.values()) {
      MemorySegment.copy(each, 0, image, at, each.byteSize());
      at += each.byteSize();
    }
    return image;
  }

  private void restore(MemorySegment image) {
    long at = 0;
    for (MemorySegment each : memory.values()) {
      MemorySegment.copy(image, at, each, 0, each.byteSize());
      at += each.byteSize();
    }
  }

  private void compare(String name, MemorySegment image) {
    long at = 0;
    for (MemorySegment each : memory.values()) {
      long byteThatDiffers = each.mismatch(image.asSlice(at, each.byteSize()));
      if (byteThatDiffers >= 0) {
        throw new DeviceException(
            "emulated %s: byte %d of %d bytes depends on the order of threads or on memory that"
                    .formatted(name, byteThatDiffers, each.byteSize())
                + " nobody wrote");
      }
      at += each.byteSize();
    }
  }
}
