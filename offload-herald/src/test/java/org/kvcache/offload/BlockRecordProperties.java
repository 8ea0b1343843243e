package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.kvcache.BlockKey;

class BlockRecordProperties {

  @Property(tries = 50, seed = "1")
  void everySingleBitFlipIsCaught(
      @ForAll @Size(max = 64) byte[] payload,
      @ForAll long hi,
      @ForAll long lo,
      @ForAll long spaceHi,
      @ForAll long spaceLo) {
    var space = new BlockKey(spaceHi, spaceLo);
    byte[] record = record(space, hi, lo, payload);
    for (int bit = 0; bit < 8 * record.length; bit++) {
      record[bit >> 3] ^= (byte) (1 << (bit & 7));
      MemorySegment flipped = MemorySegment.ofArray(record);
      assertThat(BlockRecord.isWhole(flipped, space, payload.length)).as("bit %d", bit).isFalse();
      assertThat(BlockRecord.matches(flipped, space, hi, lo, payload.length)).isFalse();
      assertThat(reads(flipped, space, hi, lo, payload.length)).isFalse();
      record[bit >> 3] ^= (byte) (1 << (bit & 7));
    }
    assertThat(reads(MemorySegment.ofArray(record), space, hi, lo, payload.length)).isTrue();
  }

  @Property(tries = 200, seed = "2")
  void burstsOfUpTo32BitsAreCaught(
      @ForAll @Size(min = 8, max = 64) byte[] payload,
      @ForAll int pattern,
      @ForAll @IntRange(max = 100) int at) {
    var space = new BlockKey(1, 2);
    byte[] record = record(space, 3, 4, payload);
    int from = BlockRecord.HEADER_BYTES + at % (payload.length - 3);
    for (int i = 0; i < 4; i++) {
      record[from + i] ^= (byte) ((pattern | 1) >>> (8 * i));
    }
    assertThat(reads(MemorySegment.ofArray(record), space, 3, 4, payload.length)).isFalse();
  }

  @Property(tries = 50, seed = "3")
  void everyTruncationIsCaught(@ForAll @Size(min = 1, max = 64) byte[] payload) {
    var space = new BlockKey(1, 2);
    payload[payload.length - 1] |= 1; // what is cut off reads as zeros
    byte[] whole = record(space, 3, 4, payload);
    for (int length = 0; length < whole.length; length++) {
      byte[] torn = new byte[whole.length];
      System.arraycopy(whole, 0, torn, 0, length);
      MemorySegment padded = MemorySegment.ofArray(torn);
      assertThat(reads(padded, space, 3, 4, payload.length)).as("%d bytes", length).isFalse();
      MemorySegment cut = MemorySegment.ofArray(whole).asSlice(0, length);
      assertThat(BlockRecord.matches(cut, space, 3, 4, payload.length)).isFalse();
      assertThat(reads(cut, space, 3, 4, payload.length)).isFalse();
    }
  }

  @Property(tries = 50, seed = "4")
  void aRecordIsOfItsKeySpaceAndLengthOnly(
      @ForAll @Size(min = 1, max = 64) byte[] payload, @ForAll long hi, @ForAll long lo) {
    var space = new BlockKey(1, 2);
    MemorySegment record = MemorySegment.ofArray(record(space, hi, lo, payload));
    int length = payload.length;
    assertThat(BlockRecord.keyHi(record)).isEqualTo(hi);
    assertThat(BlockRecord.keyLo(record)).isEqualTo(lo);
    assertThat(BlockRecord.matches(record, space, hi, lo, length)).isTrue();
    assertThat(BlockRecord.hasHeader(record, space, length)).isTrue();
    assertThat(reads(record, space, hi + 1, lo, length)).isFalse();
    assertThat(reads(record, space, hi, lo + 1, length)).isFalse();
    assertThat(reads(record, new BlockKey(1, 3), hi, lo, length)).isFalse();
    assertThat(reads(record, new BlockKey(2, 2), hi, lo, length)).isFalse();
    assertThat(reads(record, space, hi, lo, length - 1)).isFalse();
  }

  private static byte[] record(BlockKey space, long hi, long lo, byte[] payload) {
    byte[] record = new byte[(int) BlockRecord.bytes(payload.length)];
    BlockRecord.write(MemorySegment.ofArray(record), space, hi, lo, MemorySegment.ofArray(payload));
    return record;
  }

  private static boolean reads(MemorySegment record, BlockKey space, long hi, long lo, int length) {
    return BlockRecord.read(record, space, hi, lo, MemorySegment.ofArray(new byte[length]));
  }
}
