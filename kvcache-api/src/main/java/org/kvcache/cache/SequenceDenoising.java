package org.kvcache.cache;

import org.jspecify.annotations.Nullable;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvShape;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.SparseKv;
import org.kvcache.spi.SparseSequence;

/** The denoising block of one sequence, and what a device holds of its prefix. */
final class SequenceDenoising {

  private final CachedSequence sequence;
  private final WorkerPool workers;
  private final KvCacheConfig config;
  private final SequenceBlocks blocks;
  private final SequencePrefix prefix;
  private final BlockRows rows;
  private final @Nullable SparseKv sparse;
  private final LeakTracker.Lease lease;
  private @Nullable OpenBlock open;
  private @Nullable SparseSequence part;

  SequenceDenoising(
      CachedSequence sequence, BlockCache cache, SequenceBlocks blocks, LeakTracker.Lease lease) {
    this.sequence = sequence;
    this.blocks = blocks;
    this.lease = lease;
    workers = cache.workers();
    config = cache.config();
    sparse = cache.sparse();
    rows = new BlockRows(sequence, config);
    prefix = new SequencePrefix(blocks, cache.memory(), cache.codecs());
  }

  /**
   * Begins a block behind {@code length} committed tokens.
   *
   * @param dense whether it attends to everything in any case
   */
  OpenBlock begin(int length, int tokens, boolean dense) {
    int full = length / config.blockTokens();
    FreshKv fresh = rows.forBlock(length, tokens);
    SparseSequence of = dense ? null : part();
    var begun =
        new OpenBlock(
            sequence,
            workers,
            config,
            length,
            tokens,
            new FreshBlocks(blocks, full, fresh),
            rows,
            of == null ? null : of.beginBlock(fresh));
    open = begun;
    return begun;
  }

  private @Nullable SparseSequence part() {
    SparseSequence of = part;
    if (of == null && sparse != null) {
      of = sparse.begin(prefix);
      part = of;
      lease.holds(of);
    }
    return of;
  }

  /** Gives the block's rows to the sequence, not yet committed. */
  void store(OpenBlock block) {
    FreshKv fresh = block.fresh();
    KvShape shape = config.shape();
    Worker worker = workers.take(sequence);
    try {
      float[] k = worker.rows(shape.kvDim());
      float[] v = worker.moreRows(shape.kvDim());
      for (int layer = 0; layer < shape.layers(); layer++) {
        for (int i = 0; i < block.tokens(); i++) {
          fresh.get(layer, fresh.lead() + i, k, v);
          blocks.put(worker, layer, block.start() + i, k, 0, v, 0);
        }
      }
    } finally {
      workers.give(worker);
    }
  }

  boolean isOpen(OpenBlock block) {
    return block.equals(open);
  }

  /** Ends the open block, if there is one. */
  void end(boolean committed) {
    OpenBlock block = open;
    if (block != null) {
      open = null;
      block.end(committed);
    }
  }

  /** Refuses what would change the sequence under an open block. */
  void requireNone(String method) {
    OpenBlock block = open;
    if (block != null) {
      throw new IllegalStateException(
          "%s while the block at %d is open; commit or close it first"
              .formatted(method, block.start()));
    }
  }

  /** The sequence has only {@code length} tokens any more. */
  void truncate(int length) {
    rows.truncate(length);
    SparseSequence of = part;
    if (of != null) {
      of.truncate(length / config.blockTokens());
    }
  }

  /** The sequence is closed and no call is under way. */
  void close() {
    end(false);
    SparseSequence of = part;
    if (of != null) {
      of.close();
    }
  }
}
