package org.kvcache.offload.device;

import java.util.concurrent.locks.LockSupport;

/** The time of a link. */
interface LinkClock {

  /** The machine's own. */
  LinkClock SYSTEM =
      new LinkClock() {
        @Override
        public long nanoTime() {
          return System.nanoTime();
        }

        @Override
        public void park(long nanos) {
          LockSupport.parkNanos(nanos);
        }
      };

  /** As {@link System#nanoTime}. */
  long nanoTime();

  /** As {@link LockSupport#parkNanos(long)}: may return early. */
  void park(long nanos);
}
