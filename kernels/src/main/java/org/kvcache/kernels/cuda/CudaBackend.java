package org.kvcache.kernels.cuda;

import org.jspecify.annotations.Nullable;
import org.kvcache.kernels.device.HostBlocks;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;

/**
 * {@code cuda}: attention on NVIDIA's GPUs for a cache in host memory. Each call copies its blocks
 * over the bus, see {@link HostBlocks}; so {@code auto} never takes it. The GPU is number 0, or
 * that of {@code -Dkvcache.cuda.device}.
 */
public final class CudaBackend implements AttentionBackend {

  /** Called by {@link java.util.ServiceLoader}. */
  public CudaBackend() {}

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public String summary() {
    return "CUDA: " + String.join(", ", CudaDevice.descriptions());
  }

  @Override
  public int priority() {
    return HostBlocks.PRIORITY;
  }

  @Override
  public @Nullable String unavailable() {
    return CudaDevice.unavailable();
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
        new HostBlocks(CudaDevice.open(Integer.getInteger("kvcache.cuda.device", 0)));
  }
}
