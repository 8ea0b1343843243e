package org.kvcache.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kvcache.AttentionWindow;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.PagedKv;

/**
 * Lists the rows of blocks to attend to and leaves the rest to one native call. Everything that
 * native code is to touch is checked here; it lies in memory that cannot be freed during the call.
 */
final class NativeKernel implements AttentionKernel {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private static final int ALIGNMENT = 64;

  private final NativeLibrary library = NativeLibrary.get();
  private final NativePlan plan;
  private final RunList runs;
  private final int heads;
  private final int dim;
  private final int blockTokens;
  private MemorySegment staged = MemorySegment.NULL;

  NativeKernel(
      BlockCodec codec,
      NativeFormat keys,
      NativeFormat values,
      int blockTokens,
      int heads,
      NativeLevel level) {
    BlockLayout layout = codec.layout();
    this.heads = heads;
    this.dim = layout.headDim();
    this.blockTokens = blockTokens;
    runs = new RunList(blockTokens, layout.bytes());
    if (blockTokens > layout.blockTokens()) {
      throw new IllegalArgumentException(
          "blocks of %d tokens; the codec's blocks hold %d"
              .formatted(blockTokens, layout.blockTokens()));
    }
    plan = new NativePlan(codec, keys, values, heads, level);
  }

  @Override
  public void attend(
      PagedKv kv,
      int length,
      AttentionWindow window,
      float logitScale,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset) {
    if (length < 1) {
      throw new IllegalArgumentException("attention over " + length + " tokens; 1 is the least");
    }
    check("queries", q, qOffset);
    check("outputs", out, outOffset);
    MemorySegment memory = kv.memory();
    if (memory.equals(MemorySegment.NULL)) {
      throw new IllegalArgumentException("the memory of the blocks is a null segment");
    }
    int sinks = window.sinksEnd(length);
    int start = window.windowStart(length);
    int encoded = Math.min(kv.encoded(), length);
    runs.clear();
    runs.add(kv, memory, 0, Math.min(sinks, encoded));
    runs.add(kv, memory, start, encoded);
    int fromSinks = Math.max(0, sinks - encoded);
    int stagedCount = fromSinks + length - Math.max(start, encoded);
    if (stagedCount > 0) {
      reserveStaged(stagedCount);
      stage(kv, encoded, sinks, 0, stagedCount);
      stage(kv, Math.max(start, encoded), length, fromSinks, stagedCount);
    }
    plan.query(q, qOffset);
    library.attend(plan.buffer(), memory, runs, staged, stagedCount, logitScale);
    plan.output(out, outOffset);
  }

  private void check(String what, float[] numbers, int offset) {
    int count = heads * dim;
    if (offset < 0 || offset > numbers.length - count) {
      throw new IndexOutOfBoundsException(
          "%s for %d heads of %d from %d on; the array has %d elements"
              .formatted(what, heads, dim, offset, numbers.length));
    }
  }

  /** Makes room for the keys and the values of staged tokens. */
  private void reserveStaged(int count) {
    long bytes = 8L * count * dim;
    if (staged.byteSize() < bytes) {
      staged = Arena.ofAuto().allocate(Math.max(bytes, staged.byteSize() * 2), ALIGNMENT);
    }
  }

  /** Copies the staged rows of tokens {@code [from, to)} to index {@code index} and on. */
  private void stage(PagedKv kv, int from, int to, int index, int count) {
    long rowBytes = 4L * dim;
    long key = index * rowBytes;
    long value = key + count * rowBytes;
    for (int token = from; token < to; token++) {
      MemorySegment of = kv.staged(token / blockTokens);
      int row = token % blockTokens;
      MemorySegment.copy(of, FLOAT, kv.stagedKey(row), staged, FLOAT, key, dim);
      MemorySegment.copy(of, FLOAT, kv.stagedValue(row), staged, FLOAT, value, dim);
      key += rowBytes;
      value += rowBytes;
    }
  }
}
