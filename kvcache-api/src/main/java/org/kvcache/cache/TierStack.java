package org.kvcache.cache;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKeys;
import org.kvcache.KvCacheConfig;
import org.kvcache.TierStats;
import org.kvcache.spi.TierContext;
import org.kvcache.spi.TierSpec;
import org.kvcache.spi.TierSpec.StoreWhen;

/** The tiers behind memory, near to far. Thread-safe. */
final class TierStack implements AutoCloseable {

  // A chain whose blocks lie by turns in several tiers is followed for so many turns.
  private static final int MOST_TURNS = 8;

  private final List<TierWorker> workers = new ArrayList<>();
  private final FrameMemory memory;

  TierStack(KvCacheConfig config, TierContext context, FrameMemory memory) {
    this.memory = memory;
    try {
      for (TierSpec spec : config.tiers()) {
        var tier = spec.factory().apply(context);
        workers.add(new TierWorker(spec, tier, memory, config.blockTokens()));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
    workers.forEach(TierWorker::start);
  }

  boolean isPresent() {
    return !workers.isEmpty();
  }

  /** A block was committed. */
  void committed(long hi, long lo, int frame) {
    for (int i = 0; i < workers.size(); i++) {
      if (workers.get(i).stores(StoreWhen.COMMITTED)) {
        workers.get(i).store(hi, lo, frame);
      }
    }
  }

  /** A block was evicted from memory; its slot is not written yet. */
  void evicted(long hi, long lo, int frame) {
    for (int i = 0; i < workers.size(); i++) {
      if (workers.get(i).stores(StoreWhen.EVICTED)) {
        workers.get(i).store(hi, lo, frame);
      }
    }
  }

  /**
   * Starts to fetch the longest run of blocks {@code [from, limit)} that the tiers hold together.
   *
   * @param timeoutNanos how long to wait for answers of all tiers together
   * @return null if they hold none of it or there is no room
   */
  @Nullable BlockPromotion promote(
      SequenceBlocks blocks, BlockKeys keys, int from, int limit, long timeoutNanos) {
    List<BlockPromotion.Segment> segments = find(keys, from, limit, timeoutNanos);
    if (segments.isEmpty()) {
      return null;
    }
    int wanted = segments.getLast().to();
    int granted = wanted;
    if (!blocks.take(granted, keys)) {
      granted = Math.min(wanted, blocks.available());
      if (granted == 0 || granted == wanted || !blocks.take(granted, keys)) {
        return null;
      }
    }
    var promotion = new BlockPromotion(memory, blocks, keys, from, cut(segments, granted));
    promotion.start();
    return promotion;
  }

  private List<BlockPromotion.Segment> find(
      BlockKeys keys, int from, int limit, long timeoutNanos) {
    long start = System.nanoTime();
    var segments = new ArrayList<BlockPromotion.Segment>();
    int at = from;
    int silent = 0;
    for (int turn = 0; at < limit && silent < workers.size() && turn < MOST_TURNS; turn++) {
      TierWorker worker = workers.get(turn % workers.size());
      int found = worker.probe(keys, at, limit, timeoutNanos - (System.nanoTime() - start));
      silent = found == 0 ? silent + 1 : 0;
      if (found > 0) {
        segments.add(new BlockPromotion.Segment(worker, at - from, at - from + found));
        at += found;
      }
      if (workers.size() == 1) {
        break;
      }
    }
    return segments;
  }

  private static List<BlockPromotion.Segment> cut(
      List<BlockPromotion.Segment> segments, int blocks) {
    var kept = new ArrayList<BlockPromotion.Segment>();
    for (BlockPromotion.Segment segment : segments) {
      if (segment.from() < blocks) {
        int to = Math.min(segment.to(), blocks);
        kept.add(new BlockPromotion.Segment(segment.worker(), segment.from(), to));
      }
    }
    return kept;
  }

  List<TierStats> stats() {
    return workers.stream().map(TierWorker::stats).toList();
  }

  void flush() {
    workers.forEach(TierWorker::flush);
  }

  @Override
  public void close() {
    workers.forEach(TierWorker::close);
  }
}
