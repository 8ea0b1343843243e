package org.kvcache.offload.device;

import java.lang.foreign.MemorySegment;
import java.util.IdentityHashMap;
import java.util.Objects;
import org.kvcache.AttentionWindow;
import org.kvcache.KvShape;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PagePoolContext;
import org.kvcache.spi.PageStream;

/**
 * Two transfers in turn, so that one may be staged while the other is under way, and kernels of its
 * own. {@link #close} may come from another thread, and waits for an attention under way.
 */
final class HostStream implements PageStream {

  private final HostPool pool;
  private final TransferEngine engine;
  private final KvShape shape;
  private final float logitScale;
  private final SlotPages pages;
  private final AttentionKernel[] kernels; // [layers][kvHeads]
  private final Transfer[] transfers;
  private int turn;
  private boolean staged;
  private boolean failed;
  private boolean closed; // guarded by this

  HostStream(HostPool pool, TransferEngine engine) {
    PagePoolContext context = pool.context();
    this.pool = pool;
    this.engine = engine;
    shape = context.shape();
    logitScale = context.logitScale();
    pages = new SlotPages(pool);
    kernels = kernels(context);
    transfers = new Transfer[] {new Transfer(pool.pageBytes()), new Transfer(pool.pageBytes())};
  }

  /** Heads of one calibration share a codec, and so a kernel. */
  private static AttentionKernel[] kernels(PagePoolContext context) {
    KvShape shape = context.shape();
    IdentityHashMap<BlockCodec, AttentionKernel> known = new IdentityHashMap<>();
    var kernels = new AttentionKernel[shape.layers() * shape.kvHeads()];
    for (int i = 0; i < kernels.length; i++) {
      BlockCodec codec = context.codecs().of(i / shape.kvHeads(), i % shape.kvHeads());
      kernels[i] =
          known.computeIfAbsent(
              codec, of -> context.backend().kernel(of, context.pageTokens(), shape.groupSize()));
    }
    return kernels;
  }

  @Override
  public MemorySegment staging(int count) {
    Transfer transfer = transfers[turn];
    failed |= !transfer.await();
    staged = true;
    return transfer.staging(count);
  }

  @Override
  public void upload(int layer, int[] kvHeads, int[] slots, int count) {
    if (count == 0) {
      return;
    }
    Transfer transfer = transfers[turn];
    if (!staged || count < 0 || count > transfer.capacity()) {
      throw new IllegalStateException(
          "%d pages are uploaded, %d were staged"
              .formatted(count, staged ? transfer.capacity() : 0));
    }
    for (int i = 0; i < count; i++) {
      transfer.target(i, pool.offset(layer, slots[i], kvHeads[i]));
    }
    transfer.begin(count);
    engine.submit(transfer);
    staged = false;
    turn = (turn + 1) % transfers.length;
  }

  @Override
  public boolean finish() {
    boolean arrived = !failed;
    for (Transfer transfer : transfers) {
      arrived &= transfer.await();
    }
    failed = false;
    return arrived;
  }

  @Override
  public synchronized void attend(
      int layer,
      int[][] slots,
      int[] counts,
      FreshKv fresh,
      int freshRows,
      int queryTokens,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset) {
    if (closed) {
      throw new IllegalStateException("a stream of device host is used after its end");
    }
    int queryDim = shape.queryDim();
    int headQueries = shape.groupSize() * shape.headDim();
    Objects.checkFromIndexSize(qOffset, queryTokens * queryDim, q.length);
    Objects.checkFromIndexSize(outOffset, queryTokens * queryDim, out.length);
    for (int head = 0; head < shape.kvHeads(); head++) {
      AttentionKernel kernel = kernels[layer * shape.kvHeads() + head];
      int length = pages.show(layer, head, slots[head], counts[head], fresh, freshRows);
      for (int token = 0; token < queryTokens; token++) {
        int at = token * queryDim + head * headQueries;
        kernel.attend(
            pages, length, AttentionWindow.ALL, logitScale, q, qOffset + at, out, outOffset + at);
      }
    }
  }

  @Override
  public void close() {
    for (Transfer transfer : transfers) {
      transfer.await();
    }
    synchronized (this) {
      closed = true;
    }
    pool.forget(this);
  }
}
