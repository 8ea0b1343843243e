package org.kvcache.offload.device;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Time that passes only where a link waits. */
final class SteppedClock implements LinkClock {

  private final List<Long> waits = new ArrayList<>();
  private final CountDownLatch gate;
  private long now = 1_000;

  /** Waits take no time. */
  SteppedClock() {
    this(new CountDownLatch(0));
  }

  /** Nothing passes before the gate is open. */
  SteppedClock(CountDownLatch gate) {
    this.gate = gate;
  }

  @Override
  public synchronized long nanoTime() {
    return now;
  }

  @Override
  public void park(long nanos) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    synchronized (this) {
      waits.add(nanos);
      now += nanos;
    }
  }

  synchronized List<Long> waits() {
    return List.copyOf(waits);
  }

  synchronized long passed() {
    return now - 1_000;
  }
}
