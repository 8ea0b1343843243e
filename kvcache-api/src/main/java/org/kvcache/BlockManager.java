package org.kvcache;

import org.jspecify.annotations.Nullable;
import org.kvcache.manager.LockedBlockManager;
import org.kvcache.spi.ReuseHint;

/**
 * Says which block of which sequence lives in which slot. For engines that own their KV memory: the
 * manager holds no bytes, only who is where, who shares, who is pinned and who goes.
 *
 * <p>One request, from the engine's side:
 *
 * <pre>{@code
 * int cached = manager.match(table, keys, BlockManager.matchLimit(promptTokens, blockTokens));
 * if (!manager.allocate(table, blocks - cached)) { ... wait or pre-empt, nothing has changed ... }
 * // prefill from token cached * blockTokens on, writing to table.slot(i); then
 * manager.commit(table, keys, fullBlocks);   // shareable from now on
 * // decode: allocate one block at a time as the sequence grows, commit when it is full
 * manager.release(table);                    // full blocks stay cached, the open one is free
 * }</pre>
 *
 * <p>Blocks are matched along the chain from the first token on. A block stays cached while no open
 * table pins it and the eviction policy keeps it; with a {@linkplain
 * org.kvcache.spi.PolicySpec#leafFirst() leaf-first} policy it never goes before its continuations.
 *
 * <p>Thread-safe: one lock, held for metadata work only. A table belongs to one thread at a time.
 * No method allocates memory in steady state while nobody listens to events, {@link #newTable},
 * {@link #stats} and {@link #pin} apart.
 */
public interface BlockManager extends AutoCloseable {

  /**
   * A manager with all slots free.
   *
   * @throws IllegalArgumentException if the policy is unknown or the numbers make no sense
   */
  static BlockManager open(BlockManagerConfig config) {
    return new LockedBlockManager(config);
  }

  /**
   * How many leading blocks of a prompt may come from the cache: at least one token must be
   * computed, since its logits are what the engine wants.
   */
  static int matchLimit(int promptTokens, int blockTokens) {
    return Math.max(0, promptTokens - 1) / blockTokens;
  }

  /** An empty table, the lease of one sequence at a time. */
  BlockTable newTable();

  /**
   * Begins a sequence: pins the longest cached run of leading blocks and puts their slots into
   * {@code table}. The keys are also kept as those of the blocks to be allocated next, so that a
   * policy knows which evicted blocks come back.
   *
   * @param keys the keys of the sequence's full blocks in order, chained as {@link KeyChain} makes
   *     them: a key stands for its whole prefix
   * @param limit the most blocks to match, see {@link #matchLimit}
   * @return the number of blocks matched
   * @throws IllegalStateException if the table is in use or closed
   */
  int match(BlockTable table, BlockKeys keys, int limit);

  /**
   * Adds {@code blocks} slots to the table, evicting no more than the shortfall. All or nothing. An
   * expected block that turns out to be cached already ({@link BlockTable#isCommitted}) is shared:
   * its slot must not be written.
   *
   * @return false, with nothing changed, if that many slots are neither free nor evictable, or if a
   *     sequence that holds no allocated block yet would take the free room below the watermark
   */
  boolean allocate(BlockTable table, int blocks);

  /** Slots that are free or could be evicted now. */
  int available();

  /**
   * The first {@code blocks} blocks of the table are full and written: those not yet published
   * become shareable under their keys. A block whose key somebody published meanwhile stays private
   * to the table and is freed with it.
   */
  default void commit(BlockTable table, BlockKeys keys, int blocks) {
    commit(table, keys, blocks, null);
  }

  /**
   * As {@link #commit(BlockTable, BlockKeys, int)}, and says what the sequence holds, for the
   * listeners of {@link KvEvent.BlockStored}.
   *
   * @throws IllegalArgumentException if there are fewer keys or table blocks than {@code blocks},
   *     or a key is not the one the block was allocated for
   */
  void commit(BlockTable table, BlockKeys keys, int blocks, @Nullable SequenceContent content);

  /** Ends the sequence: unpins its blocks, the tail first. The table can be used again. */
  default void release(BlockTable table) {
    release(table, ReuseHint.NONE);
  }

  /**
   * Ends the sequence and says what is known of its session's future. A policy that {@linkplain
   * org.kvcache.spi.PolicySpec#readsHints() reads hints} learns how far to believe them. For others
   * {@link ReuseHint#ENDED} puts the session's own blocks, from the tail to the first one that
   * others seem to use too, before all else in the order of eviction, and the rest says nothing.
   */
  void release(BlockTable table, ReuseHint hint);

  /**
   * Makes {@code into} a second sequence with the blocks of {@code from}: committed ones are
   * shared, the others get slots of their own, to be filled by copying from {@link
   * BlockTable#copySource}.
   *
   * @return false, with nothing changed, if there is no room for the copies
   */
  boolean fork(BlockTable from, BlockTable into);

  /** Drops the blocks from {@code blocks} on, for a rollback after speculative decoding. */
  void truncate(BlockTable table, int blocks);

  /**
   * Drops the blocks behind {@code block} and makes that one private to the table, to be written
   * again with other tokens. It keeps its slot unless others may match it there, and then gets
   * another one; its contents are the caller's to copy, <em>before</em> this call, since the old
   * slot may be evicted right after it.
   *
   * @return false, with nothing changed, if there is no room for another slot
   * @throws IllegalArgumentException if the table has no such block
   */
  boolean reopen(BlockTable table, int block);

  /**
   * When the sequence ends, keep the blocks that hold the tokens {@code [fromToken, toToken)} with
   * this priority until they are used again, but at most until {@code millis} milliseconds from now
   * (0: no end), after TensorRT-LLM's KV cache retention. The sequence that unpins a block last
   * decides. Blocks below {@link RetentionPriority#DEFAULT} are evicted before all others, blocks
   * above it after all others. It is a preference, not a pin: memory is never refused for its sake,
   * and when the time is over the policy decides again.
   */
  void retain(BlockTable table, int fromToken, int toToken, int priority, long millis);

  /**
   * Pins what is cached of a prefix until the table is closed.
   *
   * @return a table whose {@link BlockTable#matched} says how much that is; the look-up counts in
   *     the hit rate
   */
  BlockTable pin(BlockKeys prefix);

  /** Forgets every cached block; false, with nothing changed, while a table holds blocks. */
  boolean clear();

  /** A snapshot of the counters. */
  BlockManagerStats stats();

  /**
   * Calls {@code listener} after each change, outside the lock, in the order of the sequence
   * numbers.
   *
   * @return closes the registration
   */
  Registration listen(KvEventListener listener);

  /** Releases everything. Tables still open are void. */
  @Override
  void close();

  /** Ends what it was returned for. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
