package org.kvcache;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** UTF-8 that refuses what it cannot represent. */
final class Utf8 {

  private Utf8() {}

  /**
   * Returns the UTF-8 bytes of a text.
   *
   * <p>{@link String#getBytes} writes a question mark for an unpaired surrogate, which would give
   * two different tenants one salt.
   *
   * @param what name of the value, for the message
   * @throws IllegalArgumentException if the text has an unpaired surrogate
   */
  static byte[] encode(String what, String text) {
    try {
      ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "The " + what + " has an unpaired surrogate and so no UTF-8 form", e);
    }
  }
}
