package org.kvcache.kernels.cpu;

import org.jspecify.annotations.Nullable;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;

/** {@code scalar}: attention as textbooks have it, in plain Java. Always there; the oracle. */
public final class ScalarBackend implements AttentionBackend {

  /** Called by {@link java.util.ServiceLoader}. */
  public ScalarBackend() {}

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public String summary() {
    return "plain Java, token by token, to compare with";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public @Nullable String unavailable() {
    return null;
  }

  @Override
  public AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads) {
    return new ScalarKernel(codec, blockTokens, heads);
  }
}
