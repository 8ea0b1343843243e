package org.kvcache.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.KeyScan;
import org.kvcache.spi.PagedKv;

/** Scans by the same loops as {@link NativeKernel}, some blocks at a time. */
final class NativeScan implements KeyScan {

  /** Tokens of one native call, which holds up garbage collectors. */
  private static final int CALL_TOKENS = 4096;

  private final NativeLibrary library = NativeLibrary.get();
  private final NativePlan plan;
  private final RunList runs;
  private final int queries;
  private final int dim;
  private float[] array = new float[0]; // that took the last logits
  private MemorySegment segment = MemorySegment.ofArray(array);

  NativeScan(BlockCodec codec, NativeFormat keys, int blockTokens, int queries, NativeLevel level) {
    this.queries = queries;
    dim = codec.layout().headDim();
    runs = new RunList(blockTokens, codec.layout().bytes());
    // Values are not read, so any format will do for them.
    plan = new NativePlan(codec, keys, keys, queries, level);
  }

  @Override
  public void query(float[] q, int offset) {
    Objects.checkFromIndexSize(offset, queries * dim, q.length);
    plan.query(q, offset);
    library.query(plan.buffer());
  }

  @Override
  public void logits(PagedKv kv, int from, int to, float[] logits, int offset, int stride) {
    long last = offset + (queries - 1L) * stride;
    Objects.checkIndex(offset, logits.length);
    Objects.checkFromIndexSize(last, to - from, logits.length);
    if (stride < to - from && queries > 1) {
      throw new IllegalArgumentException(
          "stride is %d for %d logits of a query; queries would overwrite each other"
              .formatted(stride, to - from));
    }
    MemorySegment memory = kv.memory();
    if (memory.equals(MemorySegment.NULL)) {
      throw new IllegalArgumentException("the memory of the blocks is a null segment");
    }
    MemorySegment target = segment(logits);
    for (int at = from; at < to; at += CALL_TOKENS) {
      runs.clear();
      runs.add(kv, memory, at, Math.min(to, at + CALL_TOKENS));
      library.scan(plan.buffer(), memory, runs, target, offset + at - from, stride);
    }
  }

  @SuppressWarnings("ReferenceEquality") // which array, not what is in it
  private MemorySegment segment(float[] logits) {
    if (array != logits) {
      array = logits;
      segment = MemorySegment.ofArray(logits);
    }
    return segment;
  }
}
