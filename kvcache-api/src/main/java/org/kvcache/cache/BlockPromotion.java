package org.kvcache.cache;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.kvcache.BlockKeys;
import org.kvcache.spi.BlockTier;

/**
 * Blocks on their way from tiers into the frames of one sequence, in the order of the chain. The
 * tiers' threads fill them one segment after the other; the sequence takes over what has arrived
 * when it cannot wait longer.
 */
final class BlockPromotion {

  /** A run of blocks that one tier is to give; indices as in the promotion's own keys. */
  record Segment(TierWorker worker, int from, int to) {}

  private final FrameMemory memory;
  private final int first; // block of the sequence that index 0 is
  private final BlockKeys keys = new BlockKeys();
  private final int[] frames;
  private final int[] generations;
  private final boolean[] present; // in memory after all, nothing to load
  private final List<Segment> segments;
  private final CountDownLatch done = new CountDownLatch(1);
  private int current;
  private volatile int loaded;
  private volatile boolean stopped;

  BlockPromotion(
      FrameMemory memory,
      SequenceBlocks blocks,
      BlockKeys sequenceKeys,
      int first,
      List<Segment> segments) {
    this.memory = memory;
    this.first = first;
    this.segments = segments;
    int count = segments.getLast().to();
    frames = new int[count];
    generations = new int[count];
    present = new boolean[count];
    for (int i = 0; i < count; i++) {
      keys.add(sequenceKeys.hi(first + i), sequenceKeys.lo(first + i));
      frames[i] = blocks.frame(first + i);
      present[i] = blocks.isShared(first + i);
      generations[i] = present[i] ? 0 : memory.hold(frames[i]);
    }
  }

  /** Starts; called once, by the sequence's thread. */
  void start() {
    next();
  }

  /** One past the last block that has arrived, counted from the sequence's first. */
  int loaded() {
    return first + loaded;
  }

  /** One past the last block that is expected. */
  int end() {
    return first + (done.getCount() == 0 ? loaded : keys.size());
  }

  /** True if it is over within the time. */
  boolean await(long nanos) {
    try {
      return done.await(nanos, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Takes over: what arrives from now on is void. Returns what {@link #loaded} is for good. */
  int stop() {
    stopped = true;
    return loaded();
  }

  /** Loads the current segment; called by its tier's thread. */
  void run(BlockTier tier, TierWorker worker) {
    Segment segment = segments.get(current);
    int at = segment.from();
    while (at < segment.to() && !stopped) {
      if (present[at]) {
        loaded = ++at;
        continue;
      }
      int to = at + 1;
      while (to < segment.to() && !present[to] && to - at < TierWorker.BATCH) {
        to++;
      }
      int arrived = load(tier, worker, at, to);
      loaded = at + arrived;
      if (arrived < to - at) {
        finish(to);
        return;
      }
      at = to;
    }
    current++;
    if (stopped || current == segments.size()) {
      finish(at);
    } else {
      next();
    }
  }

  private int load(BlockTier tier, TierWorker worker, int from, int to) {
    int begun = from;
    while (begun < to && memory.begin(frames[begun], generations[begun])) {
      begun++;
    }
    int arrived = begun == from ? 0 : worker.load(tier, keys, from, begun, this::buffer);
    for (int i = from; i < begun; i++) {
      memory.end(frames[i], generations[i]);
    }
    for (int i = begun; i < to; i++) {
      memory.unhold(frames[i], generations[i]);
    }
    return arrived;
  }

  private MemorySegment buffer(int index) {
    return memory.frame(frames[index]);
  }

  private void next() {
    Segment segment = segments.get(current);
    if (!segment.worker().offer(this)) {
      finish(segment.from());
    }
  }

  /** Over: nothing from {@code from} on will be loaded. */
  private void finish(int from) {
    for (int i = from; i < keys.size(); i++) {
      if (!present[i]) {
        memory.unhold(frames[i], generations[i]);
      }
    }
    done.countDown();
  }
}
