package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Cleaner;
import java.util.List;
import java.util.Objects;
import org.kvcache.AttentionWindow;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.PagedKv;

/**
 * One KV head of {@link HostBlocks}. What a call sends, in this order, each part on a multiple of
 * 16 bytes: the blocks that the window shows, their table, the length, queries, staged keys, staged
 * values. Blocks that the window hides are not sent; the table names the first block sent in their
 * place, whose bytes are harmless because its tokens are masked.
 */
final class HostBlocksKernel implements AttentionKernel {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final Cleaner CLEANER = Cleaner.create();

  private final HostBlocks owner;
  private final KernelScheme scheme;
  private final int heads;
  private final Basis basis;
  private final AttendLauncher launcher;

  HostBlocksKernel(HostBlocks owner, BlockCodec codec, int heads) {
    this.owner = owner;
    this.heads = heads;
    scheme = KernelScheme.of(codec, heads);
    launcher = new AttendLauncher(owner.device(), scheme, 1, heads);
    Basis ofThis = new Basis(owner.device(), List.of(codec.calibration()), 1);
    basis = ofThis;
    CLEANER.register(this, ofThis::close);
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
    int rows = heads * scheme.headDim();
    Objects.checkFromIndexSize(qOffset, rows, q.length);
    Objects.checkFromIndexSize(outOffset, rows, out.length);
    if (length < 1) {
      throw new IllegalArgumentException(length + " tokens to attend to; at least 1 is needed");
    }
    HostBlocksWorkspace workspace = owner.take();
    try {
      attend(workspace, kv, length, window, logitScale, q, qOffset, out, outOffset);
    } finally {
      owner.giveBack(workspace);
    }
  }

  private void attend(
      HostBlocksWorkspace workspace,
      PagedKv kv,
      int length,
      AttentionWindow window,
      float logitScale,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset) {
    int dim = scheme.headDim();
    int blockTokens = scheme.blockTokens();
    long blockBytes = scheme.layout().bytes();
    int encoded = Math.min(kv.encoded(), length);
    int staged = length - encoded;
    int blocks = Math.ceilDiv(encoded, blockTokens);
    int sinks = window.sinksEnd(length);
    int start = window.windowStart(length);

    long rowBytes = (long) dim * Float.BYTES;
    long table = visible(blocks, sinks, start) * blockBytes;
    long lengthAt = aligned(table + (long) blocks * Integer.BYTES);
    long queries = lengthAt + 16;
    long keys = queries + heads * rowBytes;
    long values = keys + staged * rowBytes;
    long result = values + staged * rowBytes;
    workspace.reserve(result + heads * rowBytes);

    MemorySegment host = workspace.host();
    int sent = 0;
    for (int block = 0; block < blocks; block++) {
      boolean seen = visible(block, sinks, start, blockTokens);
      if (seen) {
        MemorySegment.copy(kv.memory(), kv.block(block), host, sent * blockBytes, blockBytes);
      }
      host.set(ValueLayout.JAVA_INT, table + (long) block * Integer.BYTES, seen ? sent++ : 0);
    }
    // With nothing to show there is no block for the table to name.
    host.set(ValueLayout.JAVA_INT, lengthAt, sent == 0 ? 0 : encoded);
    MemorySegment.copy(q, qOffset, host, FLOAT, queries, heads * dim);
    for (int i = 0; i < staged; i++) {
      int token = encoded + i;
      MemorySegment from = kv.staged(token / blockTokens);
      int row = token % blockTokens;
      MemorySegment.copy(from, kv.stagedKey(row), host, keys + i * rowBytes, rowBytes);
      MemorySegment.copy(from, kv.stagedValue(row), host, values + i * rowBytes, rowBytes);
    }
    workspace.send(result);

    MemorySegment arguments = launcher.arguments();
    DeviceKv.write(arguments, scheme.layout(), workspace.address(0), blockBytes);
    launcher.basis(basis, 0);
    launcher.queries(workspace.address(queries), Element.F32, workspace.address(result), 0);
    launcher.fresh(
        workspace.address(keys),
        workspace.address(values),
        Element.F32,
        staged,
        staged,
        Mask.ALL_FRESH);
    Abi.set(arguments, Abi.Attend.TABLE, workspace.address(table));
    Abi.set(arguments, Abi.Attend.LENGTHS, workspace.address(lengthAt));
    launcher.launch(1, 1, length, window, logitScale, workspace.splits(), workspace.stream());
    workspace.receive(result, heads * rowBytes);
    MemorySegment.copy(host, FLOAT, result, out, outOffset, heads * dim);
  }

  private int visible(int blocks, int sinks, int start) {
    int visible = 0;
    for (int block = 0; block < blocks; block++) {
      visible += visible(block, sinks, start, scheme.blockTokens()) ? 1 : 0;
    }
    return visible;
  }

  /** Whether a block has a sink or a token of the trailing window. */
  private static boolean visible(int block, int sinks, int start, int blockTokens) {
    return block * blockTokens < sinks || (block + 1) * blockTokens > start;
  }

  private static long aligned(long bytes) {
    return (bytes + 15) & -16L;
  }
}
