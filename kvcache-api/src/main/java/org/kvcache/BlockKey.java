package org.kvcache;

import java.util.HexFormat;

/**
 * The 128-bit key of one full block: a hash chained over everything that the block's keys and
 * values depend on, from the first token of the sequence to the last token of the block.
 *
 * <p>The 16 bytes are the last 16 of the hasher's digest, read big-endian. So {@code lo} is the
 * integer that vLLM writes into its KV events when the digest is a {@code sha256_cbor} one ({@code
 * maybe_convert_block_hash} in {@code vllm/v1/core/kv_cache_utils.py}); it is unsigned there.
 *
 * @param hi bits 127 to 64
 * @param lo bits 63 to 0
 */
public record BlockKey(long hi, long lo) {

  private static final int HEX_DIGITS = 32;

  /**
   * Reads the form that {@link #toString} writes.
   *
   * @param text exactly 32 hex digits, in either case
   * @throws IllegalArgumentException if the text has another length or another character
   */
  public static BlockKey parse(String text) {
    if (text.length() != HEX_DIGITS) {
      throw new IllegalArgumentException(
          "A block key is 32 hex digits, this has " + text.length() + " characters: " + text);
    }
    try {
      return new BlockKey(
          HexFormat.fromHexDigitsToLong(text, 0, HEX_DIGITS / 2),
          HexFormat.fromHexDigitsToLong(text, HEX_DIGITS / 2, HEX_DIGITS));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("A block key is 32 hex digits, not: " + text, e);
    }
  }

  /** Returns 32 lower-case hex digits, the most significant first. */
  @Override
  public String toString() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(hi) + hex.toHexDigits(lo);
  }
}
