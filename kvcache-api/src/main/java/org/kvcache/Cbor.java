package org.kvcache;

/**
 * Writes the few CBOR items that vLLM's block hashes are made of, in the deterministic encoding of
 * RFC 8949 §4.2.1: shortest heads, definite lengths.
 */
final class Cbor {

  private static final int UNSIGNED = 0;
  private static final int NEGATIVE = 1;
  private static final int BYTE_STRING = 2;
  private static final int TEXT_STRING = 3;
  private static final int ARRAY = 4;
  private static final int NULL = 0xf6;

  private Cbor() {}

  static void putNull(ByteSink sink) {
    sink.putByte(NULL);
  }

  static void putInt(ByteSink sink, int value) {
    if (value >= 0) {
      putHead(sink, UNSIGNED, value);
    } else {
      // A negative integer n is stored as -1 - n, which is its complement.
      putHead(sink, NEGATIVE, ~value);
    }
  }

  static void putBytes(ByteSink sink, byte[] value) {
    putHead(sink, BYTE_STRING, value.length);
    sink.putBytes(value);
  }

  /** Writes a text string from its UTF-8 bytes. */
  static void putText(ByteSink sink, byte[] utf8) {
    putHead(sink, TEXT_STRING, utf8.length);
    sink.putBytes(utf8);
  }

  /** Starts an array; the caller writes its items. */
  static void putArrayHead(ByteSink sink, int items) {
    putHead(sink, ARRAY, items);
  }

  private static void putHead(ByteSink sink, int majorType, int argument) {
    int top = majorType << 5;
    if (argument < 24) {
      sink.putByte(top | argument);
    } else if (argument < 1 << 8) {
      sink.putByte(top | 24);
      sink.putByte(argument);
    } else if (argument < 1 << 16) {
      sink.putByte(top | 25);
      sink.putShortBigEndian(argument);
    } else {
      sink.putByte(top | 26);
      sink.putIntBigEndian(argument);
    }
  }
}
