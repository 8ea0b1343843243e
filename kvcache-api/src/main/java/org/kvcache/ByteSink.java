package org.kvcache;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/** A reusable, growing array of message bytes; allocates only to grow. Not thread-safe. */
final class ByteSink {

  private static final VarHandle INT_LE =
      MethodHandles.byteArrayViewVarHandle(int[].class, LITTLE_ENDIAN);
  private static final VarHandle SHORT_BE =
      MethodHandles.byteArrayViewVarHandle(short[].class, BIG_ENDIAN);
  private static final VarHandle INT_BE =
      MethodHandles.byteArrayViewVarHandle(int[].class, BIG_ENDIAN);
  private static final VarHandle LONG_BE =
      MethodHandles.byteArrayViewVarHandle(long[].class, BIG_ENDIAN);

  private byte[] bytes = new byte[256];
  private int length;

  /** Reads a big-endian long. */
  static long getLong(byte[] from, int offset) {
    return (long) LONG_BE.get(from, offset);
  }

  /** Writes a big-endian long. */
  static void putLong(byte[] into, int offset, long value) {
    LONG_BE.set(into, offset, value);
  }

  /** Returns the backing array, valid up to {@link #length} and until the next write. */
  byte[] array() {
    return bytes;
  }

  int length() {
    return length;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(bytes, length);
  }

  void clear() {
    length = 0;
  }

  void putByte(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
  }

  void putBytes(byte[] values) {
    reserve(values.length);
    System.arraycopy(values, 0, bytes, length, values.length);
    length += values.length;
  }

  void putShortBigEndian(int value) {
    reserve(Short.BYTES);
    SHORT_BE.set(bytes, length, (short) value);
    length += Short.BYTES;
  }

  void putIntBigEndian(int value) {
    reserve(Integer.BYTES);
    INT_BE.set(bytes, length, value);
    length += Integer.BYTES;
  }

  void putIntLittleEndian(int value) {
    reserve(Integer.BYTES);
    INT_LE.set(bytes, length, value);
    length += Integer.BYTES;
  }

  void putIntsLittleEndian(int[] values, int offset, int count) {
    reserve(count * Integer.BYTES);
    byte[] target = bytes;
    int at = length;
    for (int i = offset; i < offset + count; i++) {
      INT_LE.set(target, at, values[i]);
      at += Integer.BYTES;
    }
    length = at;
  }

  private void reserve(int more) {
    int needed = Math.addExact(length, more);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, bytes.length + (bytes.length >> 1)));
    }
  }
}
