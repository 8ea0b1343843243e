package org.kvcache.kernels.cpu;

import org.jspecify.annotations.Nullable;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;

/**
 * {@code vector}: attention on the codes, in the Vector API where the JVM has it and in plain Java,
 * with the same bits, where it has not.
 */
public final class VectorBackend implements AttentionBackend {

  /** Called by {@link java.util.ServiceLoader}. */
  public VectorBackend() {}

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public String summary() {
    return "on the codes, an online softmax (" + Vectorization.SOFTMAX + ")";
  }

  @Override
  public int priority() {
    return 10;
  }

  @Override
  public @Nullable String unavailable() {
    return null;
  }

  @Override
  public AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads) {
    return new VectorKernel(codec, blockTokens, heads, Vectorization.SOFTMAX);
  }
}
