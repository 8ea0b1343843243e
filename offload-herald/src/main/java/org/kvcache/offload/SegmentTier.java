package org.kvcache.offload;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKeys;
import org.kvcache.spi.BlockBuffers;
import org.kvcache.spi.BlockTier;
import org.kvcache.spi.PolicySpec;
import org.kvcache.spi.TierContext;
import org.kvcache.spi.TierStatus;

/**
 * The disk tier: an index in memory over a log of segments on disk.
 *
 * <p>What cannot be written pauses writing only, so that a full disk goes on serving what it has;
 * what cannot be read pauses both. Within a call blocks are stored, and counted as used, from the
 * last to the first, so that a chain loses its tail before its head.
 */
final class SegmentTier implements BlockTier {

  private static final System.Logger LOG = System.getLogger(SegmentTier.class.getName());

  private final SpaceFolder folder;
  private final RecordIndex index;
  private final SegmentLog log;
  private final long limitBytes;
  private final long evictedAtOpen; // what was dead on disk lives again and may have to go again
  private final Pause reads;
  private final Pause writes;
  private final AtomicLong failures = new AtomicLong();
  // Unmapping must wait for whoever reads or writes.
  private final ReentrantLock work = new ReentrantLock();
  private volatile boolean closed;

  private SegmentTier(
      SpaceFolder folder,
      RecordIndex index,
      SegmentLog log,
      long limitBytes,
      LongSupplier nanoTime) {
    this.folder = folder;
    this.index = index;
    this.log = log;
    this.limitBytes = limitBytes;
    evictedAtOpen = index.evicted();
    reads = new Pause(nanoTime);
    writes = new Pause(nanoTime);
  }

  /**
   * Opens the folder of a space below {@code root} and rebuilds the index.
   *
   * @param segmentBytes size of segments to come; 0 for a share of the limit
   * @throws IllegalArgumentException if the folder is taken, is something else or does not suit
   * @throws UncheckedIOException if it cannot be read
   */
  static SegmentTier open(
      Path root,
      long maxBytes,
      long segmentBytes,
      PolicySpec policy,
      TierContext context,
      LongSupplier nanoTime) {
    MappingFlags.check();
    DiskLayout wanted = DiskLayout.of(maxBytes, segmentBytes, context.blockBytes());
    SpaceFolder folder = SpaceFolder.open(root, context);
    SegmentLog log = null;
    try {
      long present = folder.segmentBytes(context, wanted.segmentBytes());
      DiskLayout layout = DiskLayout.of(maxBytes, present, context.blockBytes());
      var index = new RecordIndex(policy, layout.capacity(), layout.places(), context.seed());
      log = new SegmentLog(folder, context.space(), layout, index);
      log.recover();
      return new SegmentTier(folder, index, log, maxBytes, nanoTime);
    } catch (IOException e) {
      release(folder, log);
      throw new UncheckedIOException(folder + ": the disk tier cannot be opened", e);
    } catch (RuntimeException e) {
      release(folder, log);
      throw e;
    }
  }

  @Override
  public int probe(BlockKeys keys, int from, int to) {
    return closed || reads.isOn() ? 0 : index.probe(keys, from, to);
  }

  @Override
  public boolean probesMemory() {
    return true;
  }

  @Override
  public int load(BlockKeys keys, int from, int to, BlockBuffers into) {
    work.lock();
    try {
      if (closed || reads.isOn()) {
        return 0;
      }
      int end = from;
      while (end < to && loaded(keys, end, into)) {
        end++;
      }
      for (int i = end - 1; i >= from; i--) {
        index.use(index.find(keys.hi(i), keys.lo(i)));
      }
      return end - from;
    } finally {
      work.unlock();
    }
  }

  private boolean loaded(BlockKeys keys, int i, BlockBuffers into) {
    int entry = index.find(keys.hi(i), keys.lo(i));
    if (entry == RecordIndex.NONE) {
      return false;
    }
    boolean right = false;
    try {
      right = log.read(index.place(entry), keys.hi(i), keys.lo(i), into.buffer(i));
      worked(reads, "reading");
    } catch (InternalError e) { // the JVM's word for a mapped page that the disk cannot give
      failed(reads, "reading", e);
    }
    if (!right) {
      index.discard(entry);
    }
    return right;
  }

  @Override
  public int store(BlockKeys keys, int from, int to, BlockBuffers blocks) {
    work.lock();
    try {
      if (closed || writes.isOn() || reads.isOn()) {
        return 0;
      }
      for (int i = to - 1; i >= from && stored(keys, i, blocks); i--) {}
      int held = 0;
      for (int i = from; i < to; i++) {
        held += index.find(keys.hi(i), keys.lo(i)) == RecordIndex.NONE ? 0 : 1;
      }
      return held;
    } finally {
      work.unlock();
    }
  }

  private boolean stored(BlockKeys keys, int i, BlockBuffers blocks) {
    int entry = index.find(keys.hi(i), keys.lo(i));
    if (entry != RecordIndex.NONE) {
      index.use(entry);
      return true;
    }
    entry = index.admit(keys.hi(i), keys.lo(i));
    try {
      index.settle(entry, log.append(keys.hi(i), keys.lo(i), blocks.buffer(i)));
      worked(writes, "writing");
      return true;
    } catch (IOException | InternalError e) {
      index.abandon(entry);
      failed(writes, "writing", e);
      return false;
    }
  }

  private void failed(Pause pause, String doing, Throwable cause) {
    failures.incrementAndGet();
    if (pause.failed()) {
      LOG.log(WARNING, folder + ": " + doing + " failed; it will be tried again by itself", cause);
    }
  }

  private void worked(Pause pause, String doing) {
    if (pause.worked()) {
      LOG.log(INFO, "{0}: {1} works again", folder, doing);
    }
  }

  @Override
  public TierStatus status() {
    return new TierStatus(
        !closed && !reads.isOn() && !writes.isOn(),
        index.size(),
        log.bytes(),
        limitBytes,
        index.evicted() - evictedAtOpen,
        log.corrupt(),
        failures.get());
  }

  @Override
  public void close() {
    work.lock();
    try {
      if (!closed) {
        closed = true;
        release(folder, log);
      }
    } finally {
      work.unlock();
    }
  }

  private static void release(SpaceFolder folder, @Nullable SegmentLog log) {
    if (log != null) {
      log.close();
    }
    try {
      folder.close();
    } catch (IOException e) {
      LOG.log(WARNING, folder + ": the lock file cannot be closed", e);
    }
  }
}
