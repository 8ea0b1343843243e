package org.kvcache.cache;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Workers that nobody uses now. A thread finds its own again most of the time. Lock-free, and no
 * allocation once there are as many workers as threads.
 */
final class WorkerPool {

  private static final int PLACES = 64;

  // Sixteen references, a cache line, between places.
  private static final int STRIDE = 16;

  private final AtomicReferenceArray<@Nullable Worker> idle =
      new AtomicReferenceArray<>(PLACES * STRIDE);
  private final List<Worker> all = new CopyOnWriteArrayList<>();
  private final Supplier<Worker> factory;

  WorkerPool(Supplier<Worker> factory) {
    this.factory = factory;
  }

  /**
   * Borrows a worker to serve a sequence.
   *
   * @throws IllegalStateException if the sequence is closed
   */
  Worker take(CachedSequence sequence) {
    Worker worker = tryTake(sequence);
    if (worker == null) {
      throw sequence.closedException();
    }
    return worker;
  }

  /** Borrows a worker to serve a sequence; null if it is closed. */
  @Nullable Worker tryTake(CachedSequence sequence) {
    Worker worker = poll();
    // Volatile write, then volatile read; close() does the same the other way round, so that one of
    // the two sees the other.
    worker.serving = sequence;
    if (sequence.isClosed()) {
      give(worker);
      return null;
    }
    return worker;
  }

  private Worker poll() {
    int home = home();
    for (int i = 0; i < PLACES; i++) {
      int place = ((home + i) & (PLACES - 1)) * STRIDE;
      if (idle.getPlain(place) != null) {
        Worker worker = idle.getAndSet(place, null);
        if (worker != null) {
          return worker;
        }
      }
    }
    Worker worker = factory.get();
    all.add(worker);
    return worker;
  }

  /** Gives a worker back. */
  void give(Worker worker) {
    worker.lookAway();
    worker.serving = null;
    int home = home();
    for (int i = 0; i < PLACES; i++) {
      int place = ((home + i) & (PLACES - 1)) * STRIDE;
      if (idle.getPlain(place) == null && idle.compareAndSet(place, null, worker)) {
        return;
      }
    }
    all.remove(worker); // more threads than places
  }

  /** Workers made and not let go of. */
  int size() {
    return all.size();
  }

  private static int home() {
    return (int) Thread.currentThread().threadId() & (PLACES - 1);
  }

  /** Waits until no worker serves a sequence that was marked closed. */
  void awaitIdle(CachedSequence sequence) {
    for (Worker worker : all) {
      while (worker.serving == sequence) {
        Thread.onSpinWait();
      }
    }
  }
}
