package org.kvcache.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKeys;
import org.kvcache.BlockManager;
import org.kvcache.BlockTable;
import org.kvcache.SequenceContent;
import org.kvcache.spi.ReuseHint;

/**
 * The blocks of one sequence: its table, the frames behind the slots, and the staged rows. The
 * sequence's thread changes it; appends and attends of other threads read it, after a barrier of
 * the engine's.
 */
final class SequenceBlocks implements Blocks {

  private final BlockManager manager;
  private final FrameMemory memory;
  private final TierStack tiers;
  private final CacheCounters counters;
  private final @Nullable StagedRows stagedRows;
  private final int blockTokens;
  private final BlockTable table;
  private final WrittenRows written;

  private int[] frames = new int[16];

  // Somebody had committed the block when it was allocated: not to be written.
  private boolean[] shared = new boolean[16];
  private @Nullable MemorySegment[] staged = {};
  private final AtomicInteger stagedBlocks = new AtomicInteger();

  /** Leading blocks that are full and committed by this sequence. */
  private int sealed;

  /** Tokens there is room for; read by appends of any thread. */
  private volatile int capacity;

  SequenceBlocks(BlockCache cache) {
    manager = cache.manager();
    memory = cache.memory();
    tiers = cache.tiers();
    counters = cache.counters();
    stagedRows = cache.stagedRows();
    blockTokens = cache.config().blockTokens();
    table = manager.newTable();
    written = new WrittenRows(blockTokens, cache.config().shape().layers());
  }

  /** Pins the longest cached prefix; returns its blocks. */
  int match(BlockKeys keys, int limit) {
    int blocks = manager.match(table, keys, limit);
    ensureRoom(blocks);
    for (int i = 0; i < blocks; i++) {
      frames[i] = memory.frameOf(table.slot(i));
      shared[i] = true;
    }
    sealed = blocks;
    capacity = blocks * blockTokens;
    return blocks;
  }

  int size() {
    return table.size();
  }

  int sealed() {
    return sealed;
  }

  int capacity() {
    return capacity;
  }

  int available() {
    return manager.available();
  }

  WrittenRows written() {
    return written;
  }

  /** True if the token's block was committed by somebody else, whose rows are the same. */
  boolean isWrittenByOthers(int position) {
    return !isStaged() && isShared(position / blockTokens);
  }

  boolean isShared(int block) {
    return shared[block];
  }

  @Override
  public int frame(int index) {
    return frames[index];
  }

  @Override
  public int encodedTokens() {
    return stagedRows == null ? Integer.MAX_VALUE : sealed * blockTokens;
  }

  @Override
  public MemorySegment staged(int index) {
    MemorySegment rows = index < staged.length ? staged[index] : null;
    if (rows == null) {
      throw new IllegalStateException("block " + index + " has no staged rows");
    }
    return rows;
  }

  @Override
  public long stagedKey(int layer, int kvHead, int row) {
    return stagedRows().key(layer, kvHead, row);
  }

  @Override
  public long stagedValue(int layer, int kvHead, int row) {
    return stagedRows().value(layer, kvHead, row);
  }

  StagedRows stagedRows() {
    StagedRows rows = stagedRows;
    if (rows == null) {
      throw new IllegalStateException("the cache is not staged");
    }
    return rows;
  }

  boolean isStaged() {
    return stagedRows != null;
  }

  /** Stores K and V of one token of all heads, encoded or staged. */
  void put(Worker worker, int layer, int position, float[] k, int kOffset, float[] v, int vOffset) {
    int block = position / blockTokens;
    int row = position % blockTokens;
    if (stagedRows != null) {
      stagedRows.put(staged(block), stagedRows.key(layer, 0, row), k, kOffset);
      stagedRows.put(staged(block), stagedRows.value(layer, 0, row), v, vOffset);
    } else if (!isShared(block)) {
      worker.encode(frame(block), layer, row, k, kOffset, v, vOffset);
    }
    written.mark(layer, position);
  }

  /** Adds blocks to be written; false, with nothing changed, if there is no room. */
  boolean add(int blocks, BlockKeys keys) {
    if (!take(blocks, keys)) {
      return false;
    }
    openRows(table.size() - blocks);
    capacity = table.size() * blockTokens;
    return true;
  }

  /** Adds blocks to be filled from tiers; {@link #openRows} and {@link #keepPromoted} follow. */
  boolean take(int blocks, BlockKeys keys) {
    int from = table.size();
    if (!manager.allocate(table, blocks)) {
      counters.exhausted(blocks, manager);
      return false;
    }
    ensureRoom(from + blocks);
    handOver();
    for (int i = from; i < from + blocks; i++) {
      shared[i] = i < keys.size() && table.isCommitted(i);
      settleFrame(i);
    }
    return true;
  }

  private void settleFrame(int block) {
    int slot = table.slot(block);
    if (!shared[block]) {
      memory.reuse(slot);
    }
    frames[block] = memory.frameOf(slot);
  }

  /** Offers what was evicted for this table to the tiers, before its slots are written. */
  private void handOver() {
    int evictions = table.evictions();
    if (evictions > 0) {
      counters.evicted(evictions, table.demotions());
      for (int i = 0; i < table.demotions(); i++) {
        BlockKeys keys = table.demotedKeys();
        tiers.evicted(keys.hi(i), keys.lo(i), memory.frameOf(table.demotedSlot(i)));
      }
    }
  }

  private void openRows(int from) {
    for (int i = from; i < table.size(); i++) {
      written.open(i);
    }
    if (stagedRows != null) {
      if (staged.length < table.size()) {
        @Nullable MemorySegment[] more = Arrays.copyOf(staged, frames.length);
        VarHandle.releaseFence();
        staged = more;
      }
      for (int i = from; i < table.size(); i++) {
        staged[i] = stagedRows.take();
        stagedBlocks.incrementAndGet();
      }
    }
  }

  /** Of the blocks taken for a promotion the first {@code blocks} have their bytes. */
  void keepPromoted(int blocks, BlockKeys keys, @Nullable SequenceContent content) {
    manager.commit(table, keys, blocks, content);
    Arrays.fill(shared, sealed, blocks, true);
    sealed = blocks;
    if (table.size() > blocks) {
      manager.truncate(table, blocks);
    }
    capacity = blocks * blockTokens;
  }

  /** Encodes the staged rows of the blocks up to {@code blocks}, which are full. */
  void encode(int blocks, Worker worker) {
    for (int i = sealed; stagedRows != null && i < blocks; i++) {
      if (!shared[i]) {
        worker.encode(frames[i], stagedRows, staged(i));
      }
    }
  }

  /**
   * Publishes the blocks up to {@code blocks}, whose bytes are complete. Listeners run in here and
   * may even close the sequence, so the tiers are told before.
   */
  void seal(int blocks, BlockKeys keys, @Nullable SequenceContent content) {
    for (int i = sealed; i < blocks; i++) {
      if (!shared[i]) {
        tiers.committed(keys.hi(i), keys.lo(i), frames[i]);
      }
    }
    manager.commit(table, keys, blocks, content);
    written.close(sealed, blocks);
    giveStaged(sealed, blocks);
    sealed = blocks;
  }

  private void giveStaged(int from, int to) {
    for (int i = from; i < Math.min(to, staged.length); i++) {
      MemorySegment rows = staged[i];
      if (rows != null) {
        stagedRows().give(rows);
        staged[i] = null;
        stagedBlocks.decrementAndGet();
      }
    }
  }

  /** Makes this, which is empty, a copy of another's first {@code tokens} tokens. */
  boolean forkFrom(SequenceBlocks other, int tokens) {
    if (!manager.fork(other.table, table)) {
      return false;
    }
    ensureRoom(table.size());
    handOver();
    int blocks = Math.ceilDiv(tokens, blockTokens);
    for (int i = 0; i < table.size(); i++) {
      boolean copied = table.copySource(i) >= 0;
      shared[i] = !copied;
      settleFrame(i);
      if (copied && i < blocks) {
        memory.frame(frames[i]).copyFrom(memory.frame(other.frames[i]));
      }
    }
    if (table.size() > blocks) {
      manager.truncate(table, blocks);
    }
    sealed = other.sealed;
    openRows(sealed);
    for (int i = sealed; stagedRows != null && i < blocks; i++) {
      staged(i).copyFrom(other.staged(i));
    }
    capacity = blocks * blockTokens;
    return true;
  }

  /** Keeps the first {@code tokens} tokens; false, with nothing changed, if there is no room. */
  boolean truncate(int tokens, Worker worker, StagedDecoder decoder) {
    int last = tokens / blockTokens;
    if (tokens % blockTokens == 0) {
      dropFrom(last);
      manager.truncate(table, last);
    } else if (!cutInside(last, tokens, worker, decoder)) {
      return false;
    }
    sealed = Math.min(sealed, last);
    capacity = table.size() * blockTokens;
    return true;
  }

  private boolean cutInside(int block, int tokens, Worker worker, StagedDecoder decoder) {
    boolean wasSealed = block < sealed;
    try (Arena scratch = Arena.ofConfined()) {
      // The block's bytes, since its slot may be gone afterwards.
      MemorySegment bytes = scratch.allocate(memory.frameBytes(), 64);
      bytes.copyFrom(memory.frame(frames[block]));
      if (!manager.reopen(table, block)) {
        return false;
      }
      handOver();
      dropFrom(block + 1);
      shared[block] = false;
      int before = frames[block];
      settleFrame(block);
      if (frames[block] != before) {
        memory.frame(frames[block]).copyFrom(bytes);
      }
    }
    if (wasSealed) {
      openRows(block);
      if (stagedRows != null) {
        decoder.decode(block, tokens % blockTokens, frames[block], staged(block), worker);
      }
    }
    return true;
  }

  /** Decodes rows of a sealed block to staged ones. */
  interface StagedDecoder {
    void decode(int block, int rows, int frame, MemorySegment into, Worker worker);
  }

  private void dropFrom(int block) {
    written.close(block, Integer.MAX_VALUE);
    giveStaged(block, staged.length);
  }

  void retain(int fromToken, int toToken, int priority, Duration atMost) {
    long millis = TimeUnit.MILLISECONDS.convert(atMost); // the largest number if it is longer
    boolean shorter = millis == 0 && atMost.isPositive();
    manager.retain(table, fromToken, toToken, priority, shorter ? 1 : millis); // 0 is for ever
  }

  /** Staged blocks it holds now. */
  AtomicInteger stagedBlocks() {
    return stagedBlocks;
  }

  void release(ReuseHint hint) {
    giveStaged(0, staged.length);
    manager.release(table, hint);
    table.close();
  }

  private void ensureRoom(int blocks) {
    if (blocks > frames.length) {
      int room = Math.max(blocks, frames.length + (frames.length >> 1));
      int[] moreFrames = Arrays.copyOf(frames, room);
      boolean[] moreShared = Arrays.copyOf(shared, room);
      // An append of another thread to a block it has room for may see the new array at any time.
      VarHandle.releaseFence();
      frames = moreFrames;
      shared = moreShared;
    }
  }
}
