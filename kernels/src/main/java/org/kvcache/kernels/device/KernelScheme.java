package org.kvcache.kernels.device;

import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.SchemeSpec;

/**
 * A scheme as the kernels know it.
 *
 * @param name the scheme in names of kernels
 * @param keys the format of keys in names of kernels
 * @param rule the native {@code Rule} by which mxfp4 chooses its scales
 * @param rotate keys and queries are rotated
 * @param layout where things lie in a block
 */
record KernelScheme(String name, String keys, int rule, boolean rotate, BlockLayout layout) {

  private static final int LEAST_BLOCK = 16;
  private static final int MOST_HEADS = 16;

  /**
   * The kernels for a codec.
   *
   * @param group query heads that share a KV head
   * @throws IllegalArgumentException if no kernel reads such blocks
   */
  static KernelScheme of(BlockCodec codec, int group) {
    SchemeSpec scheme = codec.scheme();
    BlockLayout layout = codec.layout();
    String keys = format(scheme.keys());
    String values = format(scheme.values());
    String name =
        switch (keys + "+" + values) {
          case "bf16+bf16" -> "bf16";
          case "fp8+fp8" -> "fp8";
          case "mxfp4+mxfp4" -> "mxfp4";
          case "fp8+lm16" -> "k8v4";
          case "lm16+lm16" -> "lm16";
          default -> "";
        };
    int rule = rule(scheme.keys());
    boolean oneRule = !name.equals("mxfp4") || rule == rule(scheme.values());
    if (name.isEmpty() || rule < 0 || !oneRule || scheme.rotateValues()) {
      throw new IllegalArgumentException(
          "scheme '%s' has no kernels on devices; take bf16, fp8, mxfp4, ultraquant, k8v4 or lm16,"
                  .formatted(scheme.name())
              + " or a CPU backend");
    }
    if (layout.headDim() != 64 && layout.headDim() != 128 && layout.headDim() != 256) {
      throw new IllegalArgumentException(
          "head dim %d; kernels on devices take 64, 128 and 256".formatted(layout.headDim()));
    }
    int blockTokens = layout.blockTokens();
    if (blockTokens < LEAST_BLOCK || Integer.bitCount(blockTokens) != 1) {
      throw new IllegalArgumentException(
          "blocks of %d tokens; kernels on devices take powers of two from %d on"
              .formatted(blockTokens, LEAST_BLOCK));
    }
    if (group < 1 || group > MOST_HEADS) {
      throw new IllegalArgumentException(
          "%d query heads share a KV head; kernels on devices take 1 to %d"
              .formatted(group, MOST_HEADS));
    }
    return new KernelScheme(name, keys, rule, scheme.rotateKeys(), layout);
  }

  private static String format(String spec) {
    int colon = spec.indexOf(':');
    return colon < 0 ? spec : spec.substring(0, colon);
  }

  /** Below 0 for rules that kernels do not know. */
  private static int rule(String spec) {
    return switch (spec) {
      case "mxfp4:ocp" -> 1;
      case "mxfp4:uq" -> 2;
      case "mxfp4", "mxfp4:t7", "fp8", "fp8:unit", "bf16", "lm16" -> 0;
      default -> -1;
    };
  }

  int headDim() {
    return layout.headDim();
  }

  int blockTokens() {
    return layout.blockTokens();
  }

  /** {@code kvcache_TASK_SCHEME_DIM}. */
  String kernel(String task) {
    return "kvcache_" + task + "_" + name + "_" + headDim();
  }
}
