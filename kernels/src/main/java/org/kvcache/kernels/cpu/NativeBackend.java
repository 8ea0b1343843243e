package org.kvcache.kernels.cpu;

import org.jspecify.annotations.Nullable;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.AttentionKernel;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.KeyScan;

/**
 * {@code native}: attention on the codes in C++ for AVX-512, AVX2 or any processor. Formats and
 * head dims that the library has no code for are left to {@link VectorBackend}.
 */
public final class NativeBackend implements AttentionBackend {

  private final VectorBackend others = new VectorBackend();

  /** Called by {@link java.util.ServiceLoader}. */
  public NativeBackend() {}

  @Override
  public String name() {
    return "native";
  }

  @Override
  public String summary() {
    return NativeLibrary.missing() == null
        ? "on the codes, in C++ (" + NativeLibrary.get().level() + ")"
        : "on the codes, in C++";
  }

  @Override
  public int priority() {
    return 20;
  }

  @Override
  public @Nullable String unavailable() {
    return NativeLibrary.missing();
  }

  @Override
  public AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads) {
    AttentionKernel kernel = kernel(codec, blockTokens, heads, NativeLibrary.get().level());
    return kernel == null ? others.kernel(codec, blockTokens, heads) : kernel;
  }

  /** A native kernel, or null if the library has no code for such blocks. */
  static @Nullable AttentionKernel kernel(
      BlockCodec codec, int blockTokens, int heads, NativeLevel level) {
    if (heads < 1 || heads > 1024) {
      throw new IllegalArgumentException(
          "a kernel for %d query heads; 1 to 1024 can share a KV head".formatted(heads));
    }
    NativeFormat keys = NativeFormat.of(codec.scheme().keys(), codec.keys());
    NativeFormat values = NativeFormat.of(codec.scheme().values(), codec.values());
    if (!known(codec) || keys == null || values == null || codec.scheme().rotateValues()) {
      return null;
    }
    return new NativeKernel(codec, keys, values, blockTokens, heads, level);
  }

  @Override
  public KeyScan scan(BlockCodec codec, int blockTokens, int queries) {
    KeyScan scan = scan(codec, blockTokens, queries, NativeLibrary.get().level());
    return scan == null ? others.scan(codec, blockTokens, queries) : scan;
  }

  /** A native scan, or null if the library has no code for such keys. */
  static @Nullable KeyScan scan(BlockCodec codec, int blockTokens, int queries, NativeLevel level) {
    if (queries < 1 || queries > 1024) {
      throw new IllegalArgumentException(
          "a scan for %d queries; 1 to 1024 can be scored together".formatted(queries));
    }
    NativeFormat keys = NativeFormat.of(codec.scheme().keys(), codec.keys());
    if (!known(codec) || keys == null) {
      return null;
    }
    return new NativeScan(codec, keys, blockTokens, queries, level);
  }

  private static boolean known(BlockCodec codec) {
    int dim = codec.layout().headDim();
    return dim == 64 || dim == 128 || dim == 256;
  }
}
