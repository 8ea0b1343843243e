package org.kvcache.kernels.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.kvcache.spi.AttentionKernel;

/** The levels of the native library that this machine runs; none where it was not built. */
final class NativeLevels {

  private NativeLevels() {}

  static List<NativeLevel> here() {
    if (NativeLibrary.missing() != null) {
      return List.of();
    }
    NativeLevel best = NativeLibrary.get().best();
    return Arrays.stream(NativeLevel.values()).filter(level -> level.compareTo(best) <= 0).toList();
  }

  static AttentionKernel kernel(Head head, int heads, NativeLevel level) {
    AttentionKernel kernel = NativeBackend.kernel(head.codec, head.blockTokens, heads, level);
    assertThat(kernel).as(head.codec.scheme().name()).isInstanceOf(NativeKernel.class);
    return kernel;
  }
}
