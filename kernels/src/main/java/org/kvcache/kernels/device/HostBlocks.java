package org.kvcache.kernels.device;

import java.util.ArrayDeque;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;

/**
 * Attention on a device for a cache whose blocks lie in host memory: every call copies the blocks
 * it needs over the bus and the result back, and waits. It is there to run a whole cache against a
 * device's kernels, not to be fast: engines that keep KV on the device use {@link DeviceKv} and
 * {@link DeviceAttention} with {@link org.kvcache.BlockManager}. Thread-safe.
 */
public final class HostBlocks {

  /**
   * Of backends made of this: above {@code scalar}, below the CPU's fast ones. Attention is bound
   * by bytes, and the bus carries fewer than the host's memory.
   */
  public static final int PRIORITY = 5;

  private final Device device;
  private final ArrayDeque<HostBlocksWorkspace> idle = new ArrayDeque<>();

  /** On that device, which must stay open. */
  public HostBlocks(Device device) {
    this.device = device;
  }

  /**
   * A kernel as {@link org.kvcache.spi.AttentionBackend#kernel} gives it.
   *
   * @throws IllegalArgumentException if the device has no kernel for such blocks
   */
  public AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads) {
    if (blockTokens != codec.layout().blockTokens()) {
      throw new IllegalArgumentException(
          "blocks of %d tokens in a layout of %d"
              .formatted(blockTokens, codec.layout().blockTokens()));
    }
    return new HostBlocksKernel(this, codec, heads);
  }

  Device device() {
    return device;
  }

  /** Buffers and a stream that nobody else uses until {@link #giveBack}. */
  HostBlocksWorkspace take() {
    synchronized (idle) {
      HostBlocksWorkspace last = idle.pollLast();
      if (last != null) {
        return last;
      }
    }
    return new HostBlocksWorkspace(device);
  }

  void giveBack(HostBlocksWorkspace workspace) {
    synchronized (idle) {
      idle.addLast(workspace);
    }
  }
}
