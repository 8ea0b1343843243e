package org.kvcache.cache;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;

/** Reads nothing and answers zeros, without allocating. */
public final class SilentBackend implements AttentionBackend {

  @Override
  public String name() {
    return "silent";
  }

  @Override
  public String summary() {
    return "for tests";
  }

  @Override
  public int priority() {
    return -1;
  }

  @Override
  public @Nullable String unavailable() {
    return null;
  }

  @Override
  public AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads) {
    int elements = heads * codec.layout().headDim();
    return (kv, length, window, logitScale, q, qOffset, out, outOffset) ->
        Arrays.fill(out, outOffset, outOffset + elements, kv.encoded() > 0 ? 0 : -0f);
  }
}
