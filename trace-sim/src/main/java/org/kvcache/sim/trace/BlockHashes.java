package org.kvcache.sim.trace;

import java.util.Base64;
import java.util.HexFormat;
import java.util.OptionalLong;

/**
 * Block hashes as 64-bit ids. Text is hexadecimal, with or without {@code 0x}, or base64 (how
 * msgspec writes bytes as JSON); the low 64 bits are kept, as vLLM does when it sends integers, so
 * that both spellings of a hash agree.
 */
final class BlockHashes {
  private BlockHashes() {}

  /** The id of a hash given as text; empty if it is neither hexadecimal nor base64. */
  static OptionalLong parse(String text) {
    String digits = text.startsWith("0x") ? text.substring(2) : text;
    try {
      return isHex(digits)
          ? low64(HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits))
          : low64(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      return OptionalLong.empty();
    }
  }

  private static boolean isHex(String text) {
    return !text.isEmpty() && text.chars().allMatch(HexFormat::isHexDigit);
  }

  private static OptionalLong low64(byte[] bytes) {
    if (bytes.length == 0) {
      return OptionalLong.empty();
    }
    long value = 0;
    for (int i = Math.max(0, bytes.length - Long.BYTES); i < bytes.length; i++) {
      value = (value << 8) | (bytes[i] & 0xff);
    }
    return OptionalLong.of(value);
  }
}
