package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

@Tag("vector")
class UnpackedCodecTest {

  private static final int DIM = 32;

  private static float[] ramp() {
    float[] row = new float[DIM];
    for (int i = 0; i < DIM; i++) {
      row[i] = i - 4;
    }
    return row;
  }

  private static Plane encoded(Unpacked format, float... row) {
    Plane plane = new Plane(format, DIM, Kernels.best(), 1);
    plane.encode(Arrays.copyOf(row, DIM));
    return plane;
  }

  @Test
  void catalogue() {
    assertThat(UnpackedFormats.FORMATS)
        .extracting(FormatSpec::name)
        .containsExactly("fp16", "bf16", "fp8", "f32");
    assertThat(UnpackedFormats.FORMATS.get(2).rules()).containsExactly("unit", "tensor", "row");
  }

  @ParameterizedTest
  @CsvSource({"FP16, 16", "BF16, 16", "FP8, 8", "FP8_TENSOR, 8", "FP8_ROW, 9"})
  void storedBitsOfAnElement(Unpacked format, double bits) {
    assertThat(format.codec(DIM, Kernels.best()).bitsPerElement()).isEqualTo(bits);
  }

  @Test
  void twoByteCodesAreLittleEndian() {
    assertThat(encoded(Unpacked.FP16, 1, -2).codes()).startsWith(0x00, 0x3C, 0x00, 0xC0);
    assertThat(encoded(Unpacked.BF16, 1, -2).codes()).startsWith(0x80, 0x3F, 0x00, 0xC0);
  }

  @Test
  void elementsAreDividedByTheTensorScale() {
    float[] row = {3 * 448, -3, 1e9f};
    assertThat(encoded(Unpacked.FP8_UNIT, row).codes()).startsWith(0x7E, 0xB8, 0x7E);
    assertThat(encoded(Unpacked.FP8_UNIT, row).decode()).startsWith(1344, -3, 1344);
  }

  @Test
  void rowScaleIsTheLargestElementOver448() {
    Plane plane = encoded(Unpacked.FP8_ROW, 1, -7, 3.5f);
    assertThat(plane.scale(0)).isEqualTo(7f / 448);
    assertThat(plane.codes()).startsWith(0x68, 0xFE, 0x76);
    assertThat(plane.decode()).startsWith(1, -7, 3.5f);
  }

  @Test
  void rowScaleHeedsFiniteElementsOnly() {
    Plane plane = encoded(Unpacked.FP8_ROW, Float.NaN, Float.NEGATIVE_INFINITY, 448, -Float.NaN, 1);
    assertThat(plane.scale(0)).isEqualTo(1);
    assertThat(plane.codes()[0] & 0x7F).isEqualTo(0x7F);
    assertThat(plane.codes()[1]).isEqualTo((byte) 0xFE);
    assertThat(plane.codes()[2]).isEqualTo((byte) 0x7E);
    assertThat(plane.codes()[3] & 0x7F).isEqualTo(0x7F);
    assertThat(plane.codes()[4]).isEqualTo((byte) 0x38);
  }

  @Test
  void rowsWithNoFiniteElementButZeroHaveScaleOne() {
    assertThat(encoded(Unpacked.FP8_ROW, 0, -0f).scale(0)).isEqualTo(1);
    assertThat(encoded(Unpacked.FP8_ROW, 0, -0f).codes()).startsWith(0x00, 0x80);
    assertThat(encoded(Unpacked.FP8_ROW, Float.NaN, 0).scale(0)).isEqualTo(1);
  }

  @Test
  void rowScaleSpansBinary32() {
    Plane huge = encoded(Unpacked.FP8_ROW, Float.MAX_VALUE, -Float.MAX_VALUE);
    assertThat(huge.decode()).startsWith(Float.MAX_VALUE, -Float.MAX_VALUE);
    Plane tiny = encoded(Unpacked.FP8_ROW, Float.MIN_NORMAL, Float.MIN_VALUE);
    assertThat(tiny.scale(0)).isEqualTo(Float.MIN_NORMAL);
    assertThat(tiny.decode()).startsWith(Float.MIN_NORMAL, 0);
  }

  @Test
  void headsOfOddSizeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Unpacked.FP8.codec(100, Kernels.best()))
        .withMessage("head dim is 100; this format needs a multiple of 16");
  }

  @Test
  void rowScalesTakeNoTensorScale() {
    FormatOptions options = new FormatOptions(DIM, "row", 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UnpackedFormats.FORMATS.get(2).codec(options))
        .withMessage("tensor scale is 2.0; with a scale for each row it must be 1");
  }

  @Test
  void sumsCanBeScaledAndCleared() {
    TensorCodec codec = Unpacked.BF16.codec(DIM, Kernels.best());
    MemorySegment memory = MemorySegment.ofArray(new byte[(int) codec.codeBytes(1)]);
    codec.encode(ramp(), 0, 1, memory, 0, 0);
    ValueSum sum = codec.newSum(2);
    sum.add(new float[] {1, 2}, 0, 1, memory, 0, 0, 1);
    sum.scale(1, 0.25f);
    sum.add(new float[] {1, 2}, 0, 1, memory, 0, 0, 1);
    float[] out = new float[2 * DIM];
    sum.get(0, out, 0);
    sum.get(1, out, DIM);
    assertThat(out[DIM - 1]).isEqualTo(2 * 27);
    assertThat(out[2 * DIM - 1]).isEqualTo(2.5f * 27);
    sum.clear();
    sum.get(1, out, 0);
    assertThat(out).startsWith(new float[DIM]);
  }

  @Test
  void headsBeyondTheirNumberAreRefused() {
    TensorCodec codec = Unpacked.FP8.codec(DIM, Kernels.best());
    float[] row = new float[4 * DIM];
    assertOutOfBounds(() -> codec.newScorer(2).query(2, row, 0));
    assertOutOfBounds(() -> codec.newSum(2).scale(2, 1));
    assertOutOfBounds(() -> codec.newSum(2).get(-1, row, 0));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsTooShortIsRefusedBeforeAnythingIsWritten(Unpacked format) {
    TensorCodec codec = format.codec(DIM, Kernels.best());
    int planes = (int) (codec.codeBytes(2) + codec.scaleBytes(2));
    byte[] bytes = new byte[planes];
    Arrays.fill(bytes, (byte) 1);
    MemorySegment memory = MemorySegment.ofArray(bytes);
    MemorySegment shorter = memory.asSlice(0, planes - 1);
    long scales = codec.codeBytes(2);
    float[] rows = new float[2 * DIM];
    float[] fewer = new float[2 * DIM - 1];
    assertOutOfBounds(() -> codec.encode(fewer, 0, 2, memory, 0, scales));
    assertOutOfBounds(() -> codec.encode(rows, 1, 2, memory, 0, scales));
    assertOutOfBounds(() -> codec.encode(rows, -1, 1, memory, 0, scales));
    assertOutOfBounds(() -> codec.encode(rows, 0, 2, shorter, 0, scales));
    assertOutOfBounds(() -> codec.encode(rows, 0, 2, memory, planes - 8, 0));
    assertOutOfBounds(() -> codec.encode(rows, 0, -1, memory, 0, scales));
    assertOutOfBounds(() -> codec.decode(memory, 0, scales, 2, fewer, 0));
    assertOutOfBounds(() -> codec.decode(shorter, 0, scales, 2, rows, 0));
    KeyScorer scorer = codec.newScorer(2);
    assertOutOfBounds(() -> scorer.query(0, fewer, DIM));
    assertOutOfBounds(() -> scorer.score(shorter, 0, scales, 2, new float[4], 0, 2));
    float[] logits = {5, 5, 5};
    assertOutOfBounds(() -> scorer.score(memory, 0, scales, 2, logits, 0, 2));
    assertOutOfBounds(() -> scorer.score(memory, 0, scales, 2, logits, 0, -1));
    assertThat(logits).containsOnly(5);
    ValueSum sum = codec.newSum(2);
    assertOutOfBounds(() -> sum.add(new float[4], 0, 2, shorter, 0, scales, 2));
    assertOutOfBounds(() -> sum.add(new float[] {1, 1, 1}, 0, 2, memory, 0, scales, 2));
    assertThat(bytes).containsOnly(1);
    float[] untouched = new float[DIM];
    sum.get(0, untouched, 0);
    assertThat(untouched).containsOnly(0);
  }

  private static void assertOutOfBounds(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class);
  }
}
