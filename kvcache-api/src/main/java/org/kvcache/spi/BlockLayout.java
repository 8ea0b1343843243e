package org.kvcache.spi;

/**
 * Where things lie in the bytes of one block of one layer and KV head: the planes {@code [K
 * codes][K scales][V codes][V scales]}, each beginning on a multiple of {@value #ALIGNMENT} bytes.
 *
 * @param headDim elements of a K or V row
 * @param blockTokens rows of K, and of V, in a block
 * @param keyCodes offset of the plane of key codes
 * @param keyScales offset of the plane of key scales
 * @param valueCodes offset of the plane of value codes
 * @param valueScales offset of the plane of value scales
 * @param bytes size of the block, a multiple of {@value #ALIGNMENT}
 */
public record BlockLayout(
    int headDim,
    int blockTokens,
    long keyCodes,
    long keyScales,
    long valueCodes,
    long valueScales,
    long bytes) {

  /** Alignment of planes and blocks. */
  public static final int ALIGNMENT = 16;

  /**
   * The planes of {@code blockTokens} rows in these two codecs.
   *
   * @throws IllegalArgumentException if the block is not a whole number of row groups
   */
  public static BlockLayout of(TensorCodec keys, TensorCodec values, int blockTokens) {
    check(keys, blockTokens, "K");
    check(values, blockTokens, "V");
    long keyScales = aligned(keys.codeBytes(blockTokens));
    long valueCodes = aligned(keyScales + keys.scaleBytes(blockTokens));
    long valueScales = aligned(valueCodes + values.codeBytes(blockTokens));
    long bytes = aligned(valueScales + values.scaleBytes(blockTokens));
    return new BlockLayout(
        keys.headDim(), blockTokens, 0, keyScales, valueCodes, valueScales, bytes);
  }

  private static void check(TensorCodec codec, int blockTokens, String tensor) {
    if (blockTokens < 1 || blockTokens % codec.rowGroup() != 0) {
      throw new IllegalArgumentException(
          "blocks of %d tokens; the %s format encodes %d tokens together, so give a multiple of that"
              .formatted(blockTokens, tensor, codec.rowGroup()));
    }
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
