package org.kvcache.offload.device;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Does transfers in the order in which they come, by a thread of its own, as a copy engine does. A
 * transfer has the link for itself from when it was submitted, or when the one before it is over by
 * the {@link Link}, and ends no sooner than the link says. The thread sleeps meanwhile. What it
 * oversleeps is not added up: ends are counted from submissions. Thread-safe.
 */
final class TransferEngine implements AutoCloseable {

  private final MemorySegment memory;
  private final Link link;
  private final LinkClock clock;
  private final Thread thread;

  // guarded by this
  private final ArrayDeque<Transfer> queue = new ArrayDeque<>();
  private long idleFrom;
  private volatile boolean closed; // written under this, read by the sleeper without

  /** Starts it. */
  TransferEngine(MemorySegment memory, Link link, LinkClock clock) {
    this.memory = memory;
    this.link = link;
    this.clock = clock;
    idleFrom = clock.nanoTime();
    thread = Thread.ofPlatform().daemon().name("kvcache-host-device").start(this::run);
  }

  /** Begins a transfer; if the engine is closed, it fails at once. */
  synchronized void submit(Transfer transfer) {
    if (closed) {
      transfer.end(false);
      return;
    }
    long now = clock.nanoTime();
    long from = idleFrom - now > 0 ? idleFrom : now;
    idleFrom = from + link.nanos(transfer.bytes());
    transfer.deadline(idleFrom);
    queue.addLast(transfer);
    notifyAll();
  }

  private void run() {
    for (Transfer next = take(); next != null; next = take()) {
      next.copyTo(memory);
      sleepUntil(next.deadline());
      next.end(true);
    }
  }

  private synchronized @Nullable Transfer take() {
    while (queue.isEmpty() && !closed) {
      try {
        wait();
      } catch (InterruptedException e) {
        // Only close() ends the thread, so that nobody waits for it in vain.
      }
    }
    return closed ? null : queue.pollFirst();
  }

  private void sleepUntil(long deadline) {
    long left;
    while (!closed && (left = deadline - clock.nanoTime()) > 0) {
      clock.park(left);
    }
  }

  /** Ends what is under way without delay, fails what is queued, and waits for the thread. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
      for (Transfer transfer = queue.pollFirst(); transfer != null; transfer = queue.pollFirst()) {
        transfer.end(false);
      }
    }
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
