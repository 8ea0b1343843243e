package org.kvcache.kernels.cpu;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.TensorCodec;

/** Number formats that the native library reads, in the order of {@code Format} in plan.h. */
enum NativeFormat {
  MXFP4,
  LM16,
  FP8,
  BF16,
  F32;

  /**
   * The format of a scheme, {@code name} or {@code name:rule}; null if the library does not read it
   * or the codec lays it out differently.
   */
  static @Nullable NativeFormat of(String format, TensorCodec codec) {
    for (NativeFormat known : values()) {
      String name = known.name().toLowerCase(Locale.ROOT);
      if ((format.equals(name) || format.startsWith(name + ":")) && known.lays(codec)) {
        return known;
      }
    }
    return null;
  }

  /** True if rows of the codec take the bytes that the library expects; rules may add scales. */
  private boolean lays(TensorCodec codec) {
    long dim = codec.headDim();
    return codec.rowGroup() == 1
        && codec.codeBytes(1) == dim * bitsPerCode() / 8
        && codec.scaleBytes(1) == (bitsPerCode() == 4 ? dim / 32 : 0);
  }

  private int bitsPerCode() {
    return switch (this) {
      case MXFP4, LM16 -> 4;
      case FP8 -> 8;
      case BF16 -> 16;
      case F32 -> 32;
    };
  }
}
