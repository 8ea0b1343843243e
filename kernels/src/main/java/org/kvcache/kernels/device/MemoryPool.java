package org.kvcache.kernels.device;

import java.util.Arrays;

/**
 * Device memory that was given back, by size class, so that serving in a steady state asks the
 * driver for none. A class is a power of two in quarters, so at most a fifth of an allocation is
 * not used. Thread-safe.
 */
final class MemoryPool {

  private static final int LEAST_SHIFT = 8;
  private static final int QUARTERS = 4;
  private static final int CLASSES = (Long.SIZE - LEAST_SHIFT) * QUARTERS;

  private final DeviceDriver driver;
  private final long[][] free = new long[CLASSES][4];
  private final int[] count = new int[CLASSES];
  private long held;

  MemoryPool(DeviceDriver driver) {
    this.driver = driver;
  }

  /** The class of an allocation: the first whose size is {@code bytes} or more. */
  static int sizeClass(long bytes) {
    if (bytes <= 1L << LEAST_SHIFT) {
      return 0;
    }
    int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes - 1);
    int quarter = (int) ((bytes - 1) >>> (shift - 2)) & (QUARTERS - 1);
    return (shift - LEAST_SHIFT) * QUARTERS + quarter + 1;
  }

  /** Bytes of a class. */
  static long classBytes(int sizeClass) {
    int shift = LEAST_SHIFT + sizeClass / QUARTERS;
    return (1L << shift) + (sizeClass % QUARTERS) * (1L << (shift - 2));
  }

  long allocate(long bytes) {
    if (!driver.pooled()) {
      return driver.allocate(bytes);
    }
    int sizeClass = sizeClass(bytes);
    synchronized (this) {
      if (count[sizeClass] > 0) {
        held -= classBytes(sizeClass);
        return free[sizeClass][--count[sizeClass]];
      }
    }
    try {
      return driver.allocate(classBytes(sizeClass));
    } catch (DeviceException e) {
      if (trim() == 0) {
        throw e;
      }
      return driver.allocate(classBytes(sizeClass));
    }
  }

  void release(long address, long bytes) {
    if (!driver.pooled()) {
      driver.free(address);
      return;
    }
    int sizeClass = sizeClass(bytes);
    synchronized (this) {
      if (count[sizeClass] == free[sizeClass].length) {
        free[sizeClass] = Arrays.copyOf(free[sizeClass], 2 * count[sizeClass]);
      }
      free[sizeClass][count[sizeClass]++] = address;
      held += classBytes(sizeClass);
    }
  }

  /** Gives all that is free back to the driver; returns how many bytes that were. */
  synchronized long trim() {
    long trimmed = held;
    for (int c = 0; c < CLASSES; c++) {
      while (count[c] > 0) {
        driver.free(free[c][--count[c]]);
      }
    }
    held = 0;
    return trimmed;
  }
}
