package org.kvcache.kernels.cpu;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Instruction sets that the native library has code for, the least first. */
enum NativeLevel {
  PORTABLE,
  AVX2,
  AVX512,
  AVX512_VNNI;

  static final String PROPERTY = "kvcache.native.level";

  /**
   * The level to use.
   *
   * @param wish {@code auto}, the name of a level, or {@code avx512} for either of its two
   * @param best the highest one of this processor
   * @throws IllegalArgumentException if there is no such level or this processor lacks it
   */
  static NativeLevel choose(String wish, NativeLevel best) {
    if (wish.equals("auto") || (wish.equals("avx512") && best == AVX512_VNNI)) {
      return best;
    }
    NativeLevel level =
        Arrays.stream(values())
            .filter(known -> known.toString().equals(wish))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "-D%s=%s: say auto, %s"
                        .formatted(
                            PROPERTY,
                            wish,
                            Arrays.stream(values())
                                .map(NativeLevel::toString)
                                .collect(Collectors.joining(", ")))));
    if (level.compareTo(best) > 0) {
      throw new IllegalArgumentException(
          "-D%s=%s: this processor has %s at most".formatted(PROPERTY, wish, best));
    }
    return level;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
