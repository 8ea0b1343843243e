package org.kvcache.offload;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.zip.CRC32C;
import org.kvcache.BlockKey;

/**
 * One block as a tier stores it: a header of {@value #HEADER_BYTES} bytes, then the payload.
 *
 * <pre>
 *  0  int   magic and version
 *  4  int   CRC-32C of bytes 8 to 47 and of the payload
 *  8  long  key, upper half        16  long  key, lower half
 * 24  long  space, upper half      32  long  space, lower half
 * 40  long  length of the payload
 * </pre>
 *
 * <p>Numbers are little-endian. CRC-32C finds every flip of one, two or three bits and every burst
 * of up to 32; key, space and length are compared too, so a record that is whole but in the wrong
 * place is found as well.
 */
final class BlockRecord {

  static final int HEADER_BYTES = 48;

  private static final int MAGIC = 0x4B56_4301; // KVC, version 1
  private static final long CHECKSUM = 4;
  private static final long KEY_HI = 8;
  private static final long KEY_LO = 16;
  private static final long SPACE_HI = 24;
  private static final long SPACE_LO = 32;
  private static final long LENGTH = 40;

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);

  private BlockRecord() {}

  /** Bytes of a record with such a payload. */
  static long bytes(long payloadBytes) {
    return HEADER_BYTES + payloadBytes;
  }

  /** Writes header and payload to the start of {@code record}. */
  static void write(MemorySegment record, BlockKey space, long hi, long lo, MemorySegment payload) {
    record.set(LONG, KEY_HI, hi);
    record.set(LONG, KEY_LO, lo);
    record.set(LONG, SPACE_HI, space.hi());
    record.set(LONG, SPACE_LO, space.lo());
    record.set(LONG, LENGTH, payload.byteSize());
    MemorySegment.copy(payload, 0, record, HEADER_BYTES, payload.byteSize());
    record.set(INT, CHECKSUM, checksum(record, payload(record, payload.byteSize())));
    record.set(INT, 0, MAGIC);
  }

  /** True if {@code record} begins with a whole and right record of this key and length. */
  static boolean matches(
      MemorySegment record, BlockKey space, long hi, long lo, long payloadBytes) {
    return record.byteSize() >= bytes(payloadBytes)
        && record.get(LONG, KEY_HI) == hi
        && record.get(LONG, KEY_LO) == lo
        && isWhole(record, space, payloadBytes);
  }

  /**
   * Copies the payload of the record of this key out, and only then checks it, so that what was
   * checked is what the caller has.
   *
   * @param into takes the payload; its size is the length that the record must have
   * @return true if the record is whole and right; otherwise {@code into} may hold anything
   */
  static boolean read(MemorySegment record, BlockKey space, long hi, long lo, MemorySegment into) {
    long payloadBytes = into.byteSize();
    if (record.byteSize() < bytes(payloadBytes)
        || !hasHeader(record, space, payloadBytes)
        || record.get(LONG, KEY_HI) != hi
        || record.get(LONG, KEY_LO) != lo) {
      return false;
    }
    MemorySegment.copy(record, HEADER_BYTES, into, 0, payloadBytes);
    return record.get(INT, CHECKSUM) == checksum(record, into);
  }

  /** True if {@code record} begins with a whole and right record of some key. */
  static boolean isWhole(MemorySegment record, BlockKey space, long payloadBytes) {
    return record.byteSize() >= bytes(payloadBytes)
        && hasHeader(record, space, payloadBytes)
        && record.get(INT, CHECKSUM) == checksum(record, payload(record, payloadBytes));
  }

  /** True if the first {@value #HEADER_BYTES} bytes look right; the payload is not looked at. */
  static boolean hasHeader(MemorySegment header, BlockKey space, long payloadBytes) {
    return header.get(INT, 0) == MAGIC
        && header.get(LONG, SPACE_HI) == space.hi()
        && header.get(LONG, SPACE_LO) == space.lo()
        && header.get(LONG, LENGTH) == payloadBytes;
  }

  static long keyHi(MemorySegment record) {
    return record.get(LONG, KEY_HI);
  }

  static long keyLo(MemorySegment record) {
    return record.get(LONG, KEY_LO);
  }

  /** The payload of a record that was found whole. */
  static MemorySegment payload(MemorySegment record, long payloadBytes) {
    return record.asSlice(HEADER_BYTES, payloadBytes);
  }

  private static int checksum(MemorySegment header, MemorySegment payload) {
    var crc = new CRC32C();
    crc.update(header.asSlice(KEY_HI, HEADER_BYTES - KEY_HI).asByteBuffer());
    crc.update(payload.asByteBuffer());
    return (int) crc.getValue();
  }
}
