package org.kvcache.kernels.hip;

import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.HostBlocks;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;

/**
 * {@code hip}: attention on AMD's GPUs for a cache in host memory. Each call copies its blocks over
 * the bus, see {@link HostBlocks}; so {@code auto} never takes it. The GPU is number 0, or that of
 * {@code -Dkvcache.hip.device}.
 */
public final class HipBackend implements AttentionBackend {

  /** Called by {@link java.util.ServiceLoader}. */
  public HipBackend() {}

  @Override
  public String name() {
    return "hip";
  }

  @Override
  public String summary() {
    return "ROCm: " + String.join(", ", HipDevice.descriptions());
  }

  @Override
  public int priority() {
    return HostBlocks.PRIORITY;
  }

  @Override
  public @Nullable String unavailable() {
    return HipDevice.unavailable();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the GPU has no kernel for such blocks; take a CPU backend
   */
  @Override
  public AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads) {
    return Shared.BLOCKS.kernel(codec, blockTokens, heads);
  }

  private static final class Shared {
    static final HostBlocks BLOCKS =
        new HostBlocks(HipDevice.open(Integer.getInteger("kvcache.hip.device", 0)));
  }
}
