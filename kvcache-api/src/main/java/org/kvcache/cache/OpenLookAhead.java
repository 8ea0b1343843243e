package org.kvcache.cache;

import org.jspecify.annotations.Nullable;
import org.kvcache.KvShape;
import org.kvcache.LookAhead;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.SparseAhead;

/** {@link LookAhead}: its rows, and the sparse pass that chooses by them. */
final class OpenLookAhead implements LookAhead {

  private final CachedSequence sequence;
  private final WorkerPool workers;
  private final KvShape shape;
  private final FreshKv fresh;
  private final SparseAhead pass;
  private final int rows;
  private volatile boolean closed;

  OpenLookAhead(
      CachedSequence sequence, WorkerPool workers, KvShape shape, FreshKv fresh, SparseAhead pass) {
    this.sequence = sequence;
    this.workers = workers;
    this.shape = shape;
    this.fresh = fresh;
    this.pass = pass;
    rows = fresh.rows() - fresh.lead();
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public boolean write(int layer, float[] k, int kOffset, float[] v, int vOffset) {
    @Nullable Worker worker = closed ? null : workers.tryTake(sequence);
    if (worker == null) {
      return false;
    }
    try {
      Bounds.layer(layer, shape);
      Bounds.rows("K", k.length, kOffset, rows, shape.kvDim());
      Bounds.rows("V", v.length, vOffset, rows, shape.kvDim());
      fresh.put(layer, fresh.lead(), rows, k, kOffset, v, vOffset);
      return true;
    } finally {
      workers.give(worker);
    }
  }

  @Override
  public boolean attend(int layer, float[] q, int qOffset, float[] out, int outOffset) {
    @Nullable Worker worker = closed ? null : workers.tryTake(sequence);
    if (worker == null) {
      return false;
    }
    try {
      Bounds.layer(layer, shape);
      Bounds.rows("queries", q.length, qOffset, rows, shape.queryDim());
      Bounds.rows("outputs", out.length, outOffset, rows, shape.queryDim());
      return pass.attend(layer, q, qOffset, out, outOffset);
    } finally {
      workers.give(worker);
    }
  }

  /** True when its thread will write no more rows. */
  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    @Nullable Worker worker = workers.tryTake(sequence);
    if (worker != null) {
      try {
        pass.close();
      } finally {
        workers.give(worker);
      }
    }
  }
}
