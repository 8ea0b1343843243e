package org.kvcache.manager;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockManagerStats;
import org.kvcache.BlockTable;
import org.kvcache.KvEventListener;
import org.kvcache.RetentionPriority;
import org.kvcache.SequenceContent;
import org.kvcache.spi.EntryIndex;
import org.kvcache.spi.ReuseHint;

/** {@link BlockManager}: a {@link BlockPool} behind one lock, and the tables that use it. */
public final class LockedBlockManager implements BlockManager {

  private static final int NONE = BlockPool.NONE;

  private final BlockManagerConfig config;
  private final int watermarkSlots;
  private final ReentrantLock lock = new ReentrantLock();
  private final EventLog events;
  private final ConcurrentLinkedQueue<Sequence> leaked = new ConcurrentLinkedQueue<>();

  // Guarded by lock.
  private BlockPool pool;
  private @Nullable WhatIfCurve whatIf;
  private @Nullable Sequence demotingFor;
  private int openTables;
  private boolean closed;
  private long queried;
  private long hits;
  private long refusals;
  private long leakedTables;

  /** Opens a manager; engines call {@link BlockManager#open}. */
  public LockedBlockManager(BlockManagerConfig config) {
    this.config = config;
    watermarkSlots = (int) (config.watermark() * config.slots());
    events = new EventLog(config.blockTokens(), config.medium());
    pool = new BlockPool(config, this::evicted);
    whatIf = config.whatIf() ? new WhatIfCurve(config) : null;
  }

  @Override
  public BlockTable newTable() {
    return new Table(this, leaked);
  }

  @Override
  public int match(BlockTable table, BlockKeys keys, int limit) {
    Sequence sequence = own(table);
    lock.lock();
    try {
      requireOpen(sequence);
      if (sequence.size > 0) {
        throw new IllegalStateException(
            "the table holds a sequence of " + sequence.size + " blocks; release it first");
      }
      reclaimLeaked();
      sequence.clear();
      sequence.forgetEvictions();
      sequence.expected.copyFrom(keys);
      int most = Math.min(keys.size(), limit);
      int parent = NONE;
      int i = 0;
      while (i < most) {
        int entry = pool.findPublished(keys.hi(i), keys.lo(i), parent);
        if (entry == NONE) {
          break;
        }
        pool.pin(entry);
        sequence.add(pool.slotOf(entry), entry);
        refer(keys.hi(i), keys.lo(i), true);
        parent = entry;
        i++;
      }
      sequence.matched = i;
      sequence.committed = i;
      queried += Math.max(0, most);
      hits += i;
      openTables += i > 0 ? 1 : 0;
      return i;
    } finally {
      Reference.reachabilityFence(table); // not to be taken for leaked during the call
      lock.unlock();
    }
  }

  private void refer(long hi, long lo, boolean hit) {
    if (whatIf != null) {
      whatIf.reference(EntryIndex.hash(hi, lo), hit);
    }
  }

  @Override
  public boolean allocate(BlockTable table, int blocks) {
    Sequence sequence = own(table);
    if (blocks < 0) {
      throw new IllegalArgumentException("blocks is " + blocks + "; it cannot be negative");
    }
    lock.lock();
    try {
      requireOpen(sequence);
      reclaimLeaked();
      sequence.forgetEvictions();
      boolean admission = sequence.size == sequence.matched;
      if (pool.available() - blocks < (admission ? watermarkSlots : 0)) {
        refusals++;
        return false;
      }
      openTables += sequence.size == 0 && blocks > 0 ? 1 : 0;
      demotingFor = sequence;
      for (int n = 0; n < blocks; n++) {
        if (n % KeyDirectory.BATCH == 0) {
          pool.directory().touch(sequence.expected, sequence.size);
        }
        addBlock(sequence);
      }
      return true;
    } finally {
      Reference.reachabilityFence(table); // not to be taken for leaked during the call
      finish();
    }
  }

  private void addBlock(Sequence sequence) {
    int i = sequence.size;
    int parent = i == 0 ? NONE : sequence.entry(i - 1);
    BlockKeys keys = sequence.expected;
    // A block after a private one stays private until commit: its parent is not established yet.
    boolean foretold = i < keys.size() && (i == 0 || parent != NONE);
    int entry = foretold ? pool.place(keys.hi(i), keys.lo(i), parent) : NONE;
    if (i < keys.size()) {
      refer(keys.hi(i), keys.lo(i), entry != NONE && pool.isPublished(entry));
    }
    if (entry != NONE) {
      sequence.add(pool.slotOf(entry), entry);
    } else {
      sequence.add(pool.takeSlot(), NONE);
    }
  }

  private void evicted(int slot, long hi, long lo, boolean demote) {
    events.removed(hi, lo);
    if (demotingFor != null) {
      demotingFor.evictions++;
      if (demote) {
        demotingFor.demoted(slot, hi, lo);
      }
    }
  }

  /** Ends a call that may have evicted: makes its events, unlocks and delivers. */
  private void finish() {
    demotingFor = null;
    events.flushRemoved();
    boolean deliver = events.isActive();
    lock.unlock();
    if (deliver) {
      events.deliver();
    }
  }

  @Override
  public int available() {
    lock.lock();
    try {
      reclaimLeaked();
      return pool.available();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void commit(
      BlockTable table, BlockKeys keys, int blocks, @Nullable SequenceContent content) {
    Sequence sequence = own(table);
    lock.lock();
    int runStart = sequence.committed; // of the blocks published in this call and not told yet
    try {
      requireOpen(sequence);
      if (blocks > keys.size() || blocks > sequence.size) {
        throw new IllegalArgumentException(
            "cannot commit %d blocks: the table has %d and there are %d keys"
                .formatted(blocks, sequence.size, keys.size()));
      }
      while (sequence.committed < blocks) {
        int i = sequence.committed;
        int outcome = publish(sequence, i, keys.hi(i), keys.lo(i));
        if (outcome == BEING_FILLED) {
          return;
        }
        if (outcome == PUBLISHED_BEFORE) {
          events.stored(keys, runStart, i, content);
          runStart = i + 1;
        }
        sequence.committed = i + 1;
      }
    } finally {
      Reference.reachabilityFence(table); // not to be taken for leaked during the call
      events.stored(keys, runStart, sequence.committed, content);
      finish();
    }
  }

  private static final int PUBLISHED_NOW = 0;
  private static final int PUBLISHED_BEFORE = 1;
  private static final int BEING_FILLED = 2;

  private int publish(Sequence sequence, int i, long hi, long lo) {
    int entry = sequence.entry(i);
    if (entry != NONE) {
      if (pool.directory().hi(entry) != hi || pool.directory().lo(entry) != lo) {
        throw new IllegalArgumentException(
            "block " + i + " was allocated for another key than it is committed under");
      }
      if (pool.isPublished(entry)) {
        return PUBLISHED_BEFORE;
      }
      pool.publish(entry);
      return PUBLISHED_NOW;
    }
    int parent = i == 0 ? NONE : sequence.entry(i - 1);
    int winner = pool.findPublished(hi, lo, parent);
    if (winner != NONE) {
      pool.pin(winner);
      sequence.setEntry(i, winner);
      return PUBLISHED_BEFORE;
    }
    entry = pool.publishPrivate(sequence.slot(i), hi, lo, parent);
    if (entry == NONE) {
      return BEING_FILLED;
    }
    sequence.setEntry(i, entry);
    return PUBLISHED_NOW;
  }

  @Override
  public void release(BlockTable table, ReuseHint hint) {
    Sequence sequence = own(table);
    lock.lock();
    try {
      requireOpen(sequence);
      release(sequence, hint);
    } finally {
      Reference.reachabilityFence(table); // not to be taken for leaked during the call
      lock.unlock();
    }
  }

  private void release(Sequence sequence, ReuseHint hint) {
    openTables -= sequence.size > 0 ? 1 : 0;
    drop(sequence, 0, hint);
    sequence.clear();
  }

  /**
   * Gives up the blocks from {@code from} on, the tail first, so that leaves go before prefixes.
   */
  private void drop(Sequence sequence, int from, ReuseHint hint) {
    boolean own = hint == ReuseHint.ENDED;
    int continuationUses = 0;
    for (int i = sequence.size - 1; i >= from; i--) {
      int slot = sequence.slot(i);
      int entry = sequence.entry(i);
      if (entry == NONE) {
        pool.freeSlot(slot);
        continue;
      }
      if (slot != pool.slotOf(entry)) {
        pool.freeSlot(slot);
      }
      if (!pool.isPublished(entry)) {
        pool.abandon(entry);
        continue;
      }
      own = own && pool.isOwn(entry, continuationUses);
      continuationUses = pool.uses(entry);
      boolean tell = own || hint != ReuseHint.ENDED || pool.policyReadsHints();
      ReuseHint told = tell ? hint : ReuseHint.NONE;
      pool.unpin(entry, told, sequence.priority(i), sequence.untilMillis(i));
    }
    sequence.size = from;
  }

  @Override
  public boolean fork(BlockTable from, BlockTable into) {
    Sequence source = own(from);
    Sequence copy = own(into);
    lock.lock();
    try {
      requireOpen(source);
      requireOpen(copy);
      if (copy.size > 0 || source == copy) {
        throw new IllegalStateException("a fork needs an empty table of its own");
      }
      reclaimLeaked();
      copy.clear();
      copy.forgetEvictions();
      if (pool.available() < source.size - source.committed) {
        refusals++;
        return false;
      }
      demotingFor = copy;
      for (int i = 0; i < source.committed; i++) {
        int entry = source.entry(i);
        pool.share(entry);
        copy.add(pool.slotOf(entry), entry);
      }
      for (int i = source.committed; i < source.size; i++) {
        copy.add(pool.takeSlot(), NONE);
        copy.setCopySource(i, source.slot(i));
      }
      copy.matched = source.matched;
      copy.committed = source.committed;
      openTables += copy.size > 0 ? 1 : 0;
      return true;
    } finally {
      Reference.reachabilityFence(from);
      Reference.reachabilityFence(into);
      finish();
    }
  }

  @Override
  public void truncate(BlockTable table, int blocks) {
    Sequence sequence = own(table);
    lock.lock();
    try {
      requireOpen(sequence);
      if (blocks < 0 || blocks > sequence.size) {
        throw new IllegalArgumentException(
            "cannot keep " + blocks + " blocks of a table of " + sequence.size);
      }
      if (blocks == 0) {
        release(sequence, ReuseHint.NONE);
        return;
      }
      drop(sequence, blocks, ReuseHint.NONE);
      sequence.matched = Math.min(sequence.matched, blocks);
      sequence.committed = Math.min(sequence.committed, blocks);
      // What follows will be other tokens.
      sequence.expected.truncate(Math.min(sequence.expected.size(), blocks));
    } finally {
      Reference.reachabilityFence(table); // not to be taken for leaked during the call
      lock.unlock();
    }
  }

  @Override
  public boolean reopen(BlockTable table, int block) {
    Sequence sequence = own(table);
    lock.lock();
    try {
      requireOpen(sequence);
      if (block < 0 || block >= sequence.size) {
        throw new IllegalArgumentException(
            "cannot reopen block " + block + " of a table of " + sequence.size);
      }
      reclaimLeaked();
      sequence.forgetEvictions();
      int entry = sequence.entry(block);
      int slot = sequence.slot(block);
      boolean cached = entry != NONE && pool.isPublished(entry);
      boolean needsSlot = cached && pool.slotOf(entry) == slot;
      if (needsSlot && pool.available() == 0 && !dropWouldMakeRoom(sequence, block + 1)) {
        refusals++;
        return false;
      }
      drop(sequence, block + 1, ReuseHint.NONE);
      if (needsSlot) {
        demotingFor = sequence;
        slot = pool.takeSlot();
      }
      if (cached) {
        pool.unpin(entry, ReuseHint.NONE, sequence.priority(block), sequence.untilMillis(block));
      } else if (entry != NONE) {
        pool.disown(entry);
      }
      sequence.size = block;
      sequence.add(slot, NONE);
      sequence.matched = Math.min(sequence.matched, block);
      sequence.committed = Math.min(sequence.committed, block);
      sequence.expected.truncate(Math.min(sequence.expected.size(), block));
      return true;
    } finally {
      Reference.reachabilityFence(table); // not to be taken for leaked during the call
      finish();
    }
  }

  private boolean dropWouldMakeRoom(Sequence sequence, int from) {
    for (int i = from; i < sequence.size; i++) {
      int entry = sequence.entry(i);
      if (entry == NONE || sequence.slot(i) != pool.slotOf(entry) || pool.isPinnedOnce(entry)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void retain(BlockTable table, int fromToken, int toToken, int priority, long millis) {
    Sequence sequence = own(table);
    RetentionPriority.check(priority);
    lock.lock();
    try {
      requireOpen(sequence);
      long tokens = (long) sequence.size * config.blockTokens();
      if (fromToken < 0 || toToken < fromToken || toToken > tokens || millis < 0) {
        throw new IllegalArgumentException(
            "cannot retain tokens [%d, %d) for %d ms: the table has room for %d tokens"
                .formatted(fromToken, toToken, millis, tokens));
      }
      long now = config.clockMillis().getAsLong();
      boolean endless = millis == 0 || millis >= Retention.FOREVER - Math.max(0, now);
      long until = endless ? Retention.FOREVER : now + millis;
      int first = fromToken / config.blockTokens();
      int end = toToken == fromToken ? first : Math.ceilDiv(toToken, config.blockTokens());
      sequence.retain(first, end, priority, until);
    } finally {
      Reference.reachabilityFence(table); // not to be taken for leaked during the call
      lock.unlock();
    }
  }

  @Override
  public BlockTable pin(BlockKeys prefix) {
    BlockTable table = newTable();
    match(table, prefix, prefix.size());
    return table;
  }

  @Override
  public boolean clear() {
    lock.lock();
    try {
      reclaimLeaked();
      if (openTables > 0) {
        return false;
      }
      BlockPool emptied = new BlockPool(config, this::evicted);
      emptied.countOnFrom(pool);
      pool = emptied;
      whatIf = config.whatIf() ? new WhatIfCurve(config) : null;
      events.cleared();
      return true;
    } finally {
      finish();
    }
  }

  @Override
  public BlockManagerStats stats() {
    lock.lock();
    try {
      reclaimLeaked();
      return new BlockManagerStats(
          config.slots(),
          pool.freeSlots(),
          pool.published(),
          pool.pinnedPublished(),
          config.slots() - pool.freeSlots() - pool.published(),
          pool.ghosts(),
          openTables,
          queried,
          hits,
          pool.stored(),
          pool.ghostHits(),
          pool.demoted(),
          pool.deleted(),
          refusals,
          leakedTables,
          events.lastSequence(),
          config.policy().name(),
          pool.policy().state(),
          whatIf == null ? new ArrayList<>() : whatIf.points());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public Registration listen(KvEventListener listener) {
    KvEventListener registered = event -> listener.onEvent(event); // an identity of its own
    events.add(registered);
    return () -> events.remove(registered);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  boolean isPublished(Table table, int index) {
    lock.lock();
    try {
      int entry = table.sequence.entry(index);
      return entry != NONE && pool.isPublished(entry);
    } finally {
      lock.unlock();
    }
  }

  void close(Table table) {
    lock.lock();
    try {
      if (!table.sequence.closed) {
        if (!closed) {
          release(table.sequence, ReuseHint.NONE);
        }
        table.sequence.closed = true;
      }
    } finally {
      lock.unlock();
    }
  }

  private Sequence own(BlockTable table) {
    if (table instanceof Table ours && ours.manager == this) {
      return ours.sequence;
    }
    throw new IllegalArgumentException("the table is of another manager");
  }

  private void requireOpen(Sequence sequence) {
    if (closed) {
      throw new IllegalStateException("the block manager is closed");
    }
    if (sequence.closed) {
      throw new IllegalStateException("the block table is closed");
    }
  }

  private void reclaimLeaked() {
    for (Sequence dropped = leaked.poll(); dropped != null; dropped = leaked.poll()) {
      leakedTables++;
      release(dropped, ReuseHint.NONE);
    }
  }
}
