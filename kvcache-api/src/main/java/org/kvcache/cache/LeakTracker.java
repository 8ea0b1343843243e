package org.kvcache.cache;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.kvcache.LeakDetection;
import org.kvcache.spi.SparseSequence;

/**
 * Counts open leases, and finds those that were dropped unclosed: their pins are taken back by the
 * block manager, and whoever opened them is told in the log.
 */
final class LeakTracker {

  private static final Logger LOGGER = System.getLogger(LeakTracker.class.getName());
  private static final Cleaner CLEANER = Cleaner.create();
  private static final int SAMPLE = 128;

  private final LeakDetection detection;
  private final @Nullable StagedRows stagedRows;
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong opened = new AtomicLong();
  private final AtomicLong leaked = new AtomicLong();

  LeakTracker(LeakDetection detection, @Nullable StagedRows stagedRows) {
    this.detection = detection;
    this.stagedRows = stagedRows;
  }

  /** The record of one lease; outlives the object it is for. */
  final class Lease implements Runnable {
    private final AtomicInteger stagedBlocks;
    private final @Nullable Throwable opener;
    private boolean closed;
    private volatile @Nullable SparseSequence sparse;
    private Cleaner.@Nullable Cleanable cleanable;

    private Lease(AtomicInteger stagedBlocks, @Nullable Throwable opener) {
      this.stagedBlocks = stagedBlocks;
      this.opener = opener;
    }

    /** The sequence has pages on a device too. */
    void holds(SparseSequence pages) {
      sparse = pages;
    }

    /** The lease was closed as it should be. */
    void close() {
      closed = true;
      open.decrementAndGet();
      Cleaner.Cleanable registered = cleanable;
      if (registered != null) {
        registered.clean();
      }
    }

    /** Called once: by {@link #close}, or when the object became unreachable. */
    @Override
    public void run() {
      if (closed) {
        return;
      }
      open.decrementAndGet();
      leaked.incrementAndGet();
      SparseSequence pages = sparse;
      if (pages != null) {
        pages.close();
      }
      StagedRows rows = stagedRows;
      if (rows != null) {
        rows.lost(stagedBlocks.get());
      }
      if (detection != LeakDetection.OFF) {
        String hint =
            opener == null
                ? "; LeakDetection.ALL tells where it was opened"
                : "; it was opened here";
        LOGGER.log(Level.WARNING, "a sequence or pin was dropped without close()" + hint, opener);
      }
    }
  }

  /**
   * A lease was opened.
   *
   * @param holder becomes unreachable when the lease is dropped
   * @param stagedBlocks how many staged blocks it holds, kept up by it
   */
  Lease opened(Object holder, AtomicInteger stagedBlocks) {
    open.incrementAndGet();
    boolean traced =
        switch (detection) {
          case OFF -> false;
          case SAMPLED -> opened.getAndIncrement() % SAMPLE == 0;
          case ALL -> true;
        };
    var lease = new Lease(stagedBlocks, traced ? new Throwable("opened here") : null);
    lease.cleanable = CLEANER.register(holder, lease);
    return lease;
  }

  int open() {
    return open.get();
  }

  long leaked() {
    return leaked.get();
  }
}
