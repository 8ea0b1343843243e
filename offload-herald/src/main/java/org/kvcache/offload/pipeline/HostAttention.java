package org.kvcache.offload.pipeline;

import java.util.IdentityHashMap;
import org.kvcache.AttentionWindow;
import org.kvcache.KvShape;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.FreshKv;
import org.kvcache.spi.PrefixKv;
import org.kvcache.spi.SparseKvContext;

/** Attention to a whole prefix where it is, in host memory. Belongs to one thread at a time. */
final class HostAttention {

  private final SparseKvContext context;
  private final PrefixView view;
  private final IdentityHashMap<BlockCodec, AttentionKernel> kernels = new IdentityHashMap<>();

  HostAttention(SparseKvContext context, PrefixKv prefix) {
    this.context = context;
    view =
        new PrefixView(
            prefix,
            context.blockTokens(),
            new FreshKv(context.shape(), context.blockTokens(), 0, 1));
  }

  /** Every query sees the first {@code blocks} blocks and the first {@code rows} fresh rows. */
  void attend(
      int layer,
      int blocks,
      FreshKv fresh,
      int rows,
      int queryTokens,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset) {
    KvShape shape = context.shape();
    int group = shape.groupSize() * shape.headDim();
    int seen = blocks * context.blockTokens() + rows;
    for (int head = 0; head < shape.kvHeads(); head++) {
      AttentionKernel kernel =
          kernels.computeIfAbsent(context.codecs().of(layer, head), this::kernel);
      view.look(layer, head, blocks, fresh);
      for (int token = 0; token < queryTokens; token++) {
        int at = token * shape.queryDim() + head * group;
        kernel.attend(
            view,
            seen,
            AttentionWindow.ALL,
            context.logitScale(),
            q,
            qOffset + at,
            out,
            outOffset + at);
      }
    }
  }

  private AttentionKernel kernel(BlockCodec codec) {
    return context.backend().kernel(codec, context.blockTokens(), context.shape().groupSize());
  }
}
