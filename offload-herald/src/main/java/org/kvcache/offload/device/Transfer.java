package org.kvcache.offload.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Staged pages and where they go; used again and again. While it is under way it belongs to the
 * {@link TransferEngine}, else to its stream.
 */
final class Transfer {

  private static final int ALIGNMENT = 64;

  private final long pageBytes;
  private MemorySegment staging = MemorySegment.NULL;
  private long[] targets = new long[16];
  private int pages;
  private long deadline;

  // guarded by this
  private boolean underWay;
  private boolean arrived = true;

  Transfer(long pageBytes) {
    this.pageBytes = pageBytes;
  }

  /** Memory for that many pages. */
  MemorySegment staging(int count) {
    long bytes = Math.max(1, count) * pageBytes;
    if (staging.byteSize() < bytes) {
      staging = Arena.ofAuto().allocate(Math.max(bytes, 2 * staging.byteSize()), ALIGNMENT);
      targets = new long[Math.toIntExact(staging.byteSize() / pageBytes)];
    }
    return staging;
  }

  /** How many pages there is memory for. */
  int capacity() {
    return (int) (staging.byteSize() / pageBytes);
  }

  /** Says where a staged page goes, in bytes from the start of the device's memory. */
  void target(int page, long offset) {
    targets[page] = offset;
  }

  /** The first {@code count} pages are to be sent. */
  void begin(int count) {
    pages = count;
    synchronized (this) {
      underWay = true;
    }
  }

  long bytes() {
    return pages * pageBytes;
  }

  /** When it is over, by the clock of the link. */
  long deadline() {
    return deadline;
  }

  void deadline(long nanoTime) {
    deadline = nanoTime;
  }

  void copyTo(MemorySegment memory) {
    for (int i = 0; i < pages; i++) {
      MemorySegment.copy(staging, i * pageBytes, memory, targets[i], pageBytes);
    }
  }

  /** It is over. */
  synchronized void end(boolean ok) {
    arrived = ok;
    underWay = false;
    notifyAll();
  }

  synchronized boolean underWay() {
    return underWay;
  }

  /**
   * Waits until it is not under way, however often the thread is interrupted.
   *
   * @return whether the last one arrived
   */
  boolean await() {
    boolean interrupted = false;
    boolean ok;
    synchronized (this) {
      while (underWay) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      ok = arrived;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return ok;
  }
}
