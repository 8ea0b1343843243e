package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.CodecCatalog;

class UltraQuantSlotsTest {

  private static BlockCodec codec(String scheme, int headDim, int blockTokens) {
    return new Codecs()
        .blockCodec(
            CodecCatalog.scheme(scheme), headDim, blockTokens, HeadCalibration.identity(headDim));
  }

  private static BlockLayout layout(int headDim, int blockTokens) {
    return codec("ultraquant", headDim, blockTokens).layout();
  }

  private static MemorySegment random(long bytes, long seed) {
    byte[] noise = new byte[(int) bytes];
    new Random(seed).nextBytes(noise);
    return MemorySegment.ofArray(noise);
  }

  private static byte[] bytes(MemorySegment memory) {
    return memory.toArray(JAVA_BYTE);
  }

  @ParameterizedTest
  @CsvSource({"32, 34", "64, 68", "128, 136", "256, 272"})
  void slotsHaveFourAndAQuarterBitsAnElement(int headDim, int bytes) {
    assertThat(UltraQuantSlots.slotBytes(headDim)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -32, 16, 100})
  void slotsNeedWholeGroups(int headDim) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UltraQuantSlots.slotBytes(headDim))
        .withMessage(
            "head dim is " + headDim + "; UltraQuant's slots need a positive multiple of 32");
  }

  @Test
  void bytesGoWhereTheSlotSaysTheyDo() {
    BlockLayout layout = layout(64, 4);
    byte[] slot = new byte[68];
    Arrays.fill(slot, 0, 32, (byte) 0x11);
    slot[32] = 0x21;
    slot[33] = 0x22;
    Arrays.fill(slot, 34, 66, (byte) 0x33);
    slot[66] = 0x41;
    slot[67] = 0x42;
    byte[] block = new byte[(int) layout.bytes()];

    UltraQuantSlots.importRows(
        MemorySegment.ofArray(block), 0, layout, 2, 1, MemorySegment.ofArray(slot), 0, 68);

    byte[] expected = new byte[block.length];
    Arrays.fill(expected, 64, 96, (byte) 0x11);
    expected[128 + 4] = 0x21;
    expected[128 + 5] = 0x22;
    Arrays.fill(expected, 144 + 64, 144 + 96, (byte) 0x33);
    expected[272 + 4] = 0x41;
    expected[272 + 5] = 0x42;
    assertThat(block).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"32, 5", "64, 16", "512, 3", "128, 16", "256, 64"})
  void slotsComeBackAsTheyWere(int headDim, int blockTokens) {
    BlockLayout layout = layout(headDim, blockTokens);
    int slot = UltraQuantSlots.slotBytes(headDim);
    int kvHeads = 3;
    long stride = (long) kvHeads * slot;
    MemorySegment cache = random(1 + stride * blockTokens, headDim);
    MemorySegment blocks = random(7 + kvHeads * layout.bytes(), blockTokens);
    for (int head = 0; head < kvHeads; head++) {
      long block = 7 + head * layout.bytes();
      UltraQuantSlots.importRows(
          blocks, block, layout, 0, blockTokens, cache, 1L + head * slot, stride);
    }
    MemorySegment back = Arena.ofAuto().allocate(cache.byteSize());
    back.set(JAVA_BYTE, 0, cache.get(JAVA_BYTE, 0));
    for (int head = 0; head < kvHeads; head++) {
      long block = 7 + head * layout.bytes();
      int half = blockTokens / 2;
      long at = 1L + head * slot;
      UltraQuantSlots.exportRows(blocks, block, layout, 0, half, back, at, stride);
      UltraQuantSlots.exportRows(
          blocks, block, layout, half, blockTokens - half, back, at + half * stride, stride);
    }
    assertThat(bytes(back)).isEqualTo(bytes(cache));
  }

  @Test
  void importLeavesTheRestOfTheBlockAlone() {
    BlockLayout layout = layout(128, 8);
    MemorySegment memory = random(layout.bytes(), 1);
    MemorySegment whole = MemorySegment.ofArray(bytes(memory));
    MemorySegment slots = Arena.ofAuto().allocate(8 * 136);
    UltraQuantSlots.exportRows(memory, 0, layout, 0, 8, slots, 0, 136);
    UltraQuantSlots.importRows(memory, 0, layout, 3, 2, slots, 3 * 136, 136);
    assertThat(bytes(memory)).isEqualTo(bytes(whole));
  }

  @Test
  void whatWeEncodeIsInTheSlot() {
    BlockCodec codec = codec("ultraquant", 64, 2);
    MemorySegment memory = Arena.ofAuto().allocate(codec.layout().bytes());
    float[] value = new float[64];
    value[0] = 6;
    value[1] = -1;
    value[63] = 12;
    codec.newWriter().values(value, 0, 1, memory, 0, 1);
    MemorySegment slot = Arena.ofAuto().allocate(68);
    UltraQuantSlots.exportRows(memory, 0, codec.layout(), 1, 1, slot, 0, 68);
    // 6 and -1 are codes 7 and 10 of scale 1, 12 is code 7 of scale 2.
    assertThat(slot.get(JAVA_BYTE, 34)).isEqualTo((byte) 0xA7);
    assertThat(slot.get(JAVA_BYTE, 65)).isEqualTo((byte) 0x70);
    assertThat(slot.get(JAVA_BYTE, 66)).isEqualTo((byte) 127);
    assertThat(slot.get(JAVA_BYTE, 67)).isEqualTo((byte) 128);
  }

  @Test
  void bytesThatWeNeverWriteAreRead() {
    BlockCodec codec = codec("ultraquant", 64, 1);
    byte[] slot = new byte[68];
    slot[34] = (byte) 0x98; // elements 0 and 1 of V: -0 and -0.5
    slot[66] = (byte) 128;
    slot[34 + 16] = 0x12; // of the second group, which is NaN
    slot[67] = (byte) 0xFF;
    MemorySegment memory = Arena.ofAuto().allocate(codec.layout().bytes());
    UltraQuantSlots.importRows(memory, 0, codec.layout(), 0, 1, MemorySegment.ofArray(slot), 0, 68);
    float[] value = new float[64];
    codec.newReader(1).values(memory, 0, 0, 1, value, 0);
    assertThat(Float.floatToRawIntBits(value[0])).isEqualTo(0x8000_0000);
    assertThat(value[1]).isEqualTo(-1);
    assertThat(Arrays.copyOfRange(value, 2, 32)).containsOnly(0);
    assertThat(Arrays.copyOfRange(value, 32, 64)).containsOnly(Float.NaN);
  }

  @ParameterizedTest
  @ValueSource(strings = {"k8v4", "turbo4", "bf16", "mxfp4+nvfp4"})
  void otherLayoutsAreRefused(String scheme) {
    BlockLayout layout = codec(scheme, 128, 16).layout();
    MemorySegment memory = Arena.ofAuto().allocate(layout.bytes());
    MemorySegment slots = Arena.ofAuto().allocate(16 * 136);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UltraQuantSlots.exportRows(memory, 0, layout, 0, 16, slots, 0, 136))
        .withMessageContaining("is not the layout of scheme 'ultraquant'")
        .withMessageEndingWith("4.25 bits an element for K and V");
  }

  @Test
  void slotsMustNotOverlap() {
    BlockLayout layout = layout(128, 2);
    MemorySegment memory = Arena.ofAuto().allocate(layout.bytes());
    MemorySegment slots = Arena.ofAuto().allocate(2 * 136);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UltraQuantSlots.exportRows(memory, 0, layout, 0, 2, slots, 0, 135))
        .withMessage("slots lie 135 bytes apart; those of head dim 128 have 136 bytes");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 3, 2, 0, 136",
    "0, -1, 2, 0, 136",
    "0, 0, -1, 0, 136",
    "16, 0, 2, 0, 136",
    "-16, 0, 2, 0, 136",
    "0, 0, 2, 1, 136",
    "0, 0, 2, -1, 136",
    "0, 0, 2, 0, 137",
    "0, 0, 4, 0, 9223372036854775807",
  })
  void nothingIsWrittenWhenSomethingIsOutOfBounds(
      long block, int row, int count, long at, long stride) {
    BlockLayout layout = layout(128, 4);
    MemorySegment memory = random(layout.bytes(), 2);
    MemorySegment slots = random(2 * 136, 3);
    byte[] before = bytes(memory);
    byte[] slotsBefore = bytes(slots);
    assertThatThrownBy(
            () -> UltraQuantSlots.importRows(memory, block, layout, row, count, slots, at, stride))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(
            () -> UltraQuantSlots.exportRows(memory, block, layout, row, count, slots, at, stride))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(bytes(memory)).isEqualTo(before);
    assertThat(bytes(slots)).isEqualTo(slotsBefore);
  }

  @Test
  void noRowsNeedNoSlots() {
    BlockLayout layout = layout(128, 4);
    MemorySegment memory = Arena.ofAuto().allocate(layout.bytes());
    UltraQuantSlots.exportRows(memory, 0, layout, 4, 0, MemorySegment.NULL, 0, 136);
  }
}
