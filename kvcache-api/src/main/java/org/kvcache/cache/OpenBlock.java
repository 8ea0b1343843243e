package org.kvcache.cache;

import org.jspecify.annotations.Nullable;
import org.kvcache.AttentionWindow;
import org.kvcache.DenoisingBlock;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvShape;
import org.kvcache.LookAhead;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.SparseAhead;
import org.kvcache.spi.SparseBlock;

/**
 * {@link DenoisingBlock}: its rows, and attention to all of the prefix or by a sparse block. The
 * monitor keeps {@link #end}, which may come from another thread, out of a call under way: the rows
 * and the stream serve the next block.
 */
final class OpenBlock implements DenoisingBlock {

  private final CachedSequence sequence;
  private final WorkerPool workers;
  private final KvCacheConfig config;
  private final KvShape shape;
  private final int start;
  private final int tokens;
  private final FreshKv fresh;
  private final FreshBlocks everything;
  private final BlockRows rows;
  private final @Nullable SparseBlock sparse;
  private final boolean[] written;
  private @Nullable OpenLookAhead ahead;
  private boolean ended;

  OpenBlock(
      CachedSequence sequence,
      WorkerPool workers,
      KvCacheConfig config,
      int start,
      int tokens,
      FreshBlocks everything,
      BlockRows rows,
      @Nullable SparseBlock sparse) {
    this.sequence = sequence;
    this.workers = workers;
    this.config = config;
    this.start = start;
    this.tokens = tokens;
    this.everything = everything;
    this.rows = rows;
    this.sparse = sparse;
    shape = config.shape();
    fresh = everything.fresh();
    written = new boolean[shape.layers()];
  }

  @Override
  public int start() {
    return start;
  }

  @Override
  public int tokens() {
    return tokens;
  }

  FreshKv fresh() {
    return fresh;
  }

  @Override
  public synchronized void write(int layer, float[] k, int kOffset, float[] v, int vOffset) {
    Worker worker = workers.take(sequence);
    try {
      requireOpen();
      Bounds.layer(layer, shape);
      Bounds.rows("K", k.length, kOffset, tokens, shape.kvDim());
      Bounds.rows("V", v.length, vOffset, tokens, shape.kvDim());
      fresh.put(layer, fresh.lead(), tokens, k, kOffset, v, vOffset);
      written[layer] = true;
    } finally {
      workers.give(worker);
    }
  }

  @Override
  public synchronized void attend(int layer, float[] q, int qOffset, float[] out, int outOffset) {
    Worker worker = workers.take(sequence);
    try {
      requireOpen();
      Bounds.layer(layer, shape);
      Bounds.rows("queries", q.length, qOffset, tokens, shape.queryDim());
      Bounds.rows("outputs", out.length, outOffset, tokens, shape.queryDim());
      if (!written[layer]) {
        throw new IllegalStateException(
            "attend in layer %d: K and V of the block at %d have not been written there"
                .formatted(layer, start));
      }
      if (sparse == null) {
        attendToAll(worker, layer, q, qOffset, out, outOffset);
      } else {
        sparse.attend(layer, q, qOffset, out, outOffset);
      }
    } finally {
      workers.give(worker);
    }
  }

  private void attendToAll(
      Worker worker, int layer, float[] q, int qOffset, float[] out, int outOffset) {
    AttentionWindow window = config.window(layer);
    int groupDim = shape.groupSize() * shape.headDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      worker.look(everything, layer, head);
      AttentionKernel kernel = worker.groupKernel(layer, head);
      for (int i = 0; i < tokens; i++) {
        int at = i * shape.queryDim() + head * groupDim;
        kernel.attend(
            worker,
            start + tokens,
            window,
            config.logitScale(),
            q,
            qOffset + at,
            out,
            outOffset + at);
      }
    }
  }

  @Override
  public synchronized @Nullable LookAhead lookAhead() {
    Worker worker = workers.take(sequence);
    try {
      requireOpen();
      if (ahead != null) {
        throw new IllegalStateException("the block at " + start + " has been looked ahead already");
      }
      if (sparse == null) {
        return null;
      }
      FreshKv rowsAhead = rows.forLookAhead(fresh);
      SparseAhead pass = sparse.lookAhead(rowsAhead);
      if (pass == null) {
        return null;
      }
      var begun = new OpenLookAhead(sequence, workers, shape, rowsAhead, pass);
      rows.usedBy(begun);
      ahead = begun;
      return begun;
    } finally {
      workers.give(worker);
    }
  }

  @Override
  public void commit(int[] finalTokens, int offset) {
    requireOpen();
    for (int layer = 0; layer < written.length; layer++) {
      if (!written[layer]) {
        throw new IllegalStateException(
            "commit of the block at %d: its K and V of layer %d have not been written"
                .formatted(start, layer));
      }
    }
    sequence.commitBlock(this, finalTokens, offset);
  }

  /** The sequence has the rows, or will never have them. */
  synchronized void end(boolean committed) {
    ended = true;
    if (sparse != null) {
      sparse.end(committed);
    }
  }

  @Override
  public void close() {
    sequence.dropBlock(this);
  }

  /** Refuses to go on with a block that is committed or closed. */
  synchronized void requireOpen() {
    if (ended) {
      throw new IllegalStateException("the block at " + start + " has ended");
    }
  }
}
