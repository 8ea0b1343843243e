package org.kvcache.kernels.device;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.kvcache.AttentionWindow;
import org.kvcache.KvShape;

/**
 * Attention over the encoded blocks of a {@link DeviceKv}: decoding with one query token for each
 * sequence, prefill over a cached prefix and block diffusion with several and fresh K and V. One
 * launch for all sequences and heads of a layer; the work is split by shapes only, so equal calls
 * give equal bits. Belongs to one thread and one stream at a time. A call allocates nothing once
 * the largest shape was seen; to capture a graph, make the call once before.
 */
public final class DeviceAttention implements AutoCloseable {

  private final DeviceKv kv;
  private final Device device;
  private final AttendLauncher launcher;
  private final SplitBuffers buffers;

  /** For the blocks of {@code kv}, which must stay open. */
  public DeviceAttention(DeviceKv kv) {
    this.kv = kv;
    device = kv.device();
    launcher =
        new AttendLauncher(device, kv.scheme(), kv.shape().kvHeads(), kv.shape().groupSize());
    buffers = new SplitBuffers(device);
  }

  /**
   * {@code softmax(logitScale · q·K) V} over the context and, if given, the fresh rows after it.
   *
   * @param window counts tokens of the context and fresh ones alike
   * @param out F32, {@code [sequences][tokens][queryHeads][headDim]}
   * @param lse receives natural logarithms of the sums of exponentials, F32, {@code
   *     [sequences][tokens][queryHeads]}, unless null
   * @throws IllegalArgumentException if an array is too short for the shape, of another device or
   *     of the wrong elements
   * @throws IllegalStateException if memory was given back
   */
  public void attend(
      int layer,
      QueryRows queries,
      PageTable context,
      @Nullable FreshRows fresh,
      AttentionWindow window,
      float logitScale,
      DeviceArray out,
      @Nullable DeviceArray lse,
      DeviceStream stream) {
    KvShape shape = kv.shape();
    int tokens = queries.tokens();
    long rows = (long) context.sequences() * tokens * shape.queryHeads();
    long elements = rows * shape.headDim();
    long q = queries.array().rows(device, "queries", elements);
    long to = out.address(device, "outputs", Element.F32, elements);
    long lseTo = lse == null ? 0 : lse.address(device, "lse", Element.F32, rows);
    if (!Float.isFinite(logitScale)) {
      throw new IllegalArgumentException("logits are scaled by " + logitScale);
    }
    kv.writeTo(launcher.arguments(), layer);
    launcher.basis(kv.basis(), layer);
    launcher.queries(q, queries.array().element(), to, lseTo);
    writeTable(context);
    int freshTokens = writeFresh(fresh, tokens, context.sequences());
    launcher.launch(
        context.sequences(),
        tokens,
        (long) context.mostTokens() + freshTokens,
        window,
        logitScale,
        buffers,
        stream);
  }

  private void writeTable(PageTable context) {
    MemorySegment arguments = launcher.arguments();
    int kvHeads = kv.shape().kvHeads();
    long slots = context.slotsAddress(device, kvHeads, kv.layout().blockTokens());
    Abi.set(arguments, Abi.Attend.TABLE, slots);
    Abi.set(arguments, Abi.Attend.LENGTHS, context.lengthsAddress(device, kvHeads));
    Abi.set(arguments, Abi.Attend.TABLE_STRIDE, context.slotStride());
    Abi.set(arguments, Abi.Attend.TABLE_HEAD_STRIDE, context.slotHeadStride());
    Abi.set(arguments, Abi.Attend.LENGTH_STRIDE, context.lengthStride());
    Abi.set(arguments, Abi.Attend.LENGTH_HEAD_STRIDE, context.lengthHeadStride());
  }

  private int writeFresh(@Nullable FreshRows fresh, int queryTokens, int sequences) {
    if (fresh == null) {
      launcher.fresh(0, 0, Element.F32, 0, 0, Mask.ALL_FRESH);
      return 0;
    }
    if (fresh.mask() == Mask.CAUSAL && queryTokens > fresh.tokens()) {
      throw new IllegalArgumentException(
          "%d query tokens and %d fresh ones under a causal mask; the last of both are the same, so"
                  .formatted(queryTokens, fresh.tokens())
              + " give at least as many fresh ones");
    }
    long elements = ((long) (sequences - 1) * fresh.stride() + fresh.tokens()) * kv.shape().kvDim();
    launcher.fresh(
        fresh.keys().rows(device, "fresh keys", elements),
        fresh.values().rows(device, "fresh values", elements),
        fresh.keys().element(),
        fresh.tokens(),
        fresh.stride(),
        fresh.mask());
    return fresh.tokens();
  }

  /** Gives the buffers back, not the blocks. */
  @Override
  public void close() {
    buffers.close();
  }
}
