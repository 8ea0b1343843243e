package org.kvcache.cache;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.kvcache.BlockKeys;
import org.kvcache.TierStats;
import org.kvcache.spi.BlockBuffers;
import org.kvcache.spi.BlockTier;
import org.kvcache.spi.TierSpec;
import org.kvcache.spi.TierSpec.StoreWhen;
import org.kvcache.spi.TierStatus;

/**
 * The thread of one tier, and the queues in front of it: look-ups first, loads before stores. No
 * caller waits for a store; a full queue drops it.
 */
final class TierWorker implements Runnable, AutoCloseable {

  /** Blocks of one call to the tier at most. */
  static final int BATCH = 16;

  private static final Logger LOGGER = System.getLogger(TierWorker.class.getName());
  private static final int LOADS = 256;
  private static final int STORES = 4096;
  private static final long CLOSE_MILLIS = 10_000;

  private record Probe(BlockKeys keys, int from, int to, CompletableFuture<Integer> answer) {}

  private record Store(long hi, long lo, int frame, int generation) {}

  private final TierSpec spec;
  private final BlockTier tier;
  private final FrameMemory memory;
  private final int blockTokens;
  private final ManyToOneConcurrentArrayQueue<Probe> probes =
      new ManyToOneConcurrentArrayQueue<>(LOADS);
  private final ManyToOneConcurrentArrayQueue<BlockPromotion> loads =
      new ManyToOneConcurrentArrayQueue<>(LOADS);
  private final ManyToOneConcurrentArrayQueue<Store> stores =
      new ManyToOneConcurrentArrayQueue<>(STORES);
  private final Thread thread;

  // Of the batch being stored; the worker's thread only.
  private final BlockKeys batchKeys = new BlockKeys(BATCH);
  private final Store[] batch = new Store[BATCH];

  private final AtomicLong queuedStores = new AtomicLong();
  private final AtomicLong finishedStores = new AtomicLong();
  private volatile boolean parked;
  private volatile boolean closing;
  private boolean failing;

  private final LongAdder stored = new LongAdder();
  private final LongAdder loaded = new LongAdder();
  private final LongAdder missed = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder loadCalls = new LongAdder();
  private final LongAdder loadNanos = new LongAdder();
  private final LongAdder storeCalls = new LongAdder();
  private final LongAdder storeNanos = new LongAdder();

  TierWorker(TierSpec spec, BlockTier tier, FrameMemory memory, int blockTokens) {
    this.spec = spec;
    this.tier = tier;
    this.memory = memory;
    this.blockTokens = blockTokens;
    thread = Thread.ofPlatform().name("kvcache-" + spec.name()).daemon().unstarted(this);
  }

  void start() {
    thread.start();
  }

  boolean stores(StoreWhen when) {
    return spec.when() == when;
  }

  // --- callers' side

  /** Queues a block; its frame stays as it is until the tier has it, if there are spares. */
  void store(long hi, long lo, int frame) {
    int generation = memory.hold(frame);
    queuedStores.incrementAndGet();
    if (closing || !stores.offer(new Store(hi, lo, frame, generation))) {
      queuedStores.decrementAndGet();
      memory.unhold(frame, generation);
      dropped.increment();
      return;
    }
    wake();
  }

  /** Queues the current segment of a promotion. */
  boolean offer(BlockPromotion promotion) {
    if (closing || !loads.offer(promotion)) {
      return false;
    }
    wake();
    return true;
  }

  /** How many leading keys the tier holds; 0 if it does not answer in time. */
  int probe(BlockKeys keys, int from, int to, long timeoutNanos) {
    if (tier.probesMemory()) {
      return guarded(to - from, () -> tier.probe(keys, from, to));
    }
    var copy = new BlockKeys(to - from); // the caller may give up and go on
    for (int i = from; i < to; i++) {
      copy.add(keys.hi(i), keys.lo(i));
    }
    var probe = new Probe(copy, 0, to - from, new CompletableFuture<>());
    if (closing || !probes.offer(probe)) {
      return 0;
    }
    wake();
    try {
      return probe.answer().get(timeoutNanos, TimeUnit.NANOSECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  private void wake() {
    if (parked) {
      LockSupport.unpark(thread);
    }
  }

  /** Waits until the stores queued so far are done. */
  void flush() {
    long until = queuedStores.get(); // may count one that is about to be refused
    while (finishedStores.get() < Math.min(until, queuedStores.get()) && thread.isAlive()) {
      LockSupport.parkNanos(100_000);
      if (Thread.currentThread().isInterrupted()) {
        return;
      }
    }
  }

  // --- the tier's thread

  @Override
  public void run() {
    while (true) {
      if (work()) {
        continue;
      }
      if (closing) {
        return;
      }
      parked = true;
      if (probes.isEmpty() && loads.isEmpty() && stores.isEmpty() && !closing) {
        LockSupport.park(this);
      }
      parked = false;
    }
  }

  private boolean work() {
    Probe probe = probes.poll();
    if (probe != null) {
      int most = probe.to() - probe.from();
      int found = guarded(most, () -> tier.probe(probe.keys(), probe.from(), probe.to()));
      probe.answer().complete(found);
      return true;
    }
    BlockPromotion promotion = loads.poll();
    if (promotion != null) {
      promotion.run(tier, this);
      return true;
    }
    return storeBatch();
  }

  private boolean storeBatch() {
    int taken = 0;
    batchKeys.clear();
    while (batchKeys.size() < BATCH) {
      Store store = stores.poll();
      if (store == null) {
        break;
      }
      taken++;
      if (memory.begin(store.frame(), store.generation())) {
        batch[batchKeys.size()] = store;
        batchKeys.add(store.hi(), store.lo());
      } else {
        dropped.increment(); // its frame had to be used again
      }
    }
    int count = batchKeys.size();
    if (count > 0) {
      var event = new TierStoreEvent();
      event.begin();
      long start = System.nanoTime();
      int held =
          guarded(
              count, () -> tier.store(batchKeys, 0, count, i -> memory.frame(batch[i].frame())));
      storeCalls.increment();
      storeNanos.add(System.nanoTime() - start);
      stored.add(held);
      dropped.add(count - held);
      event.commit(spec.name(), count, held);
      for (int i = 0; i < count; i++) {
        memory.end(batch[i].frame(), batch[i].generation());
      }
    }
    if (taken > 0) {
      finishedStores.addAndGet(taken);
    }
    return taken > 0;
  }

  /** Loads blocks into buffers that the caller has begun. */
  int load(BlockTier from, BlockKeys keys, int first, int to, BlockBuffers into) {
    var event = new TierLoadEvent();
    event.begin();
    long start = System.nanoTime();
    int arrived = guarded(to - first, () -> from.load(keys, first, to, into));
    loadCalls.increment();
    loadNanos.add(System.nanoTime() - start);
    loaded.add(arrived);
    missed.add(to - first - arrived);
    event.commit(spec.name(), to - first, arrived);
    return arrived;
  }

  private interface Call {
    int run();
  }

  /**
   * A tier does not throw for what goes wrong outside, nor answer with more than it was asked for;
   * if it does all the same, a class of its client missing for example, it is a miss.
   */
  private int guarded(int most, Call call) {
    try {
      int result = call.run();
      if (result < 0 || result > most) {
        throw new IllegalStateException("answers with " + result + " blocks of " + most);
      }
      failing = false;
      return result;
    } catch (RuntimeException | LinkageError | AssertionError e) {
      failures.increment();
      if (!failing) {
        failing = true;
        LOGGER.log(Level.WARNING, "tier " + spec.name() + " failed; its blocks count as misses", e);
      }
      return 0;
    }
  }

  TierStats stats() {
    TierStatus status = tier.status();
    return new TierStats(
        spec.name(),
        status.available(),
        status.blocks(),
        status.bytes(),
        status.limitBytes(),
        stored.sum(),
        loaded.sum(),
        loaded.sum() * blockTokens,
        missed.sum(),
        dropped.sum(),
        status.evictedBlocks(),
        status.corruptBlocks(),
        status.failures() + failures.sum(),
        loadCalls.sum(),
        loadNanos.sum(),
        storeCalls.sum(),
        storeNanos.sum());
  }

  /** Stores what is queued, ends the thread and closes the tier. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join(CLOSE_MILLIS);
      if (thread.isAlive()) {
        LOGGER.log(
            Level.WARNING, "tier " + spec.name() + " does not end; what it has not stored is lost");
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    guarded(
        0,
        () -> {
          tier.close();
          return 0;
        });
  }
}
