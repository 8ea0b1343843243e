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
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

@Tag("vector")
class NibbleCodecTest {

  private static final int DIM = 64;

  private static Stored encoded(Nibble format, int dim, float... row) {
    return new Stored(format.codec(dim, Kernels.best()), 1).encode(Arrays.copyOf(row, dim));
  }

  private static void assertOutOfBounds(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void catalogue() {
    assertThat(NibbleFormats.formats(Kernels.best()))
        .extracting(FormatSpec::name)
        .containsExactly("mxfp4", "mxfp4m", "lm16", "nvfp4", "turbo4", "int4", "q4_0", "kivi4");
  }

  @ParameterizedTest
  @CsvSource({
    "MXFP4, 128, 4.25",
    "MXFP4M, 64, 4.25",
    "LM16, 128, 4.25",
    "NVFP4, 128, 4.5",
    "TURBO4, 128, 4.125",
    "INT4, 128, 4.25",
    "INT4_SYM, 128, 4.125",
    "Q4_0, 128, 4.5",
    "KIVI4, 128, 4.25",
  })
  void storedBitsOfAnElement(Nibble format, int dim, double bits) {
    assertThat(format.codec(dim, Kernels.best()).bitsPerElement()).isEqualTo(bits);
  }

  @Test
  void uqMayLowerTheScaleOfWhatItDecoded() {
    float[] row = new float[32];
    row[0] = 4.7f;
    row[1] = 3;
    float[] decoded = encoded(Nibble.MXFP4_UQ, 32, row).decode();
    assertThat(decoded).startsWith(4, 3, 0);
    float[] twice = encoded(Nibble.MXFP4_UQ, 32, decoded).decode();
    assertThat(twice).startsWith(3, 3, 0);
    assertThat(encoded(Nibble.MXFP4_UQ, 32, twice).decode()).isEqualTo(twice);
  }

  @Test
  void t7TakesTheLastEighthOfBinary32ToInfinity() {
    float below = Math.nextDown(0x1.cp127f);
    assertThat(encoded(Nibble.MXFP4, 32, below).decode()).startsWith(0x1.8p127f);
    assertThat(encoded(Nibble.MXFP4, 32, 0x1.cp127f).decode()).startsWith(Float.POSITIVE_INFINITY);
    assertThat(encoded(Nibble.MXFP4_OCP, 32, Float.MAX_VALUE).decode()).startsWith(0x1.8p127f);
    assertThat(encoded(Nibble.MXFP4_UQ, 32, Float.MAX_VALUE).decode()).startsWith(0x1.8p127f);
  }

  @Test
  void turbo4TakesRotatedRowsOneChannelIsNone() {
    float[] row = new float[128];
    row[0] = 1;
    float[] decoded = encoded(Nibble.TURBO4, 128, row).decode();
    assertThat(encoded(Nibble.TURBO4, 128, decoded).decode()).isNotEqualTo(decoded);
  }

  @Test
  void scalesThatAreNotNormalNeedNotComeBack() {
    assertThat(encoded(Nibble.NVFP4, 32, 9f / 512).decode()).startsWith(8f / 512);
    assertThat(encoded(Nibble.NVFP4, 32, 8f / 512).decode()).startsWith(6f / 512);
  }

  @Test
  void infinityInAGgmlGroupReadsAsInfinities() {
    float[] row = new float[32];
    row[0] = Float.NEGATIVE_INFINITY;
    row[1] = 1;
    float[] decoded = encoded(Nibble.Q4_0, 32, row).decode();
    for (float x : decoded) {
      assertThat(Float.isFinite(x)).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void zeroRowsAreZero(Nibble format) {
    Stored stored = new Stored(format.codec(DIM, Kernels.best()), 128);
    stored.encode(new float[128 * DIM]);
    for (float x : stored.decode()) {
      assertThat(x == 0).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void noRowsWriteNothing(Nibble format) {
    Stored stored = new Stored(format.codec(DIM, Kernels.best()), 0);
    byte[] before = stored.all();
    stored.encode(new float[0]);
    assertThat(stored.all()).isEqualTo(before);
    assertThat(stored.decode()).isEmpty();
    assertThat(stored.score(new float[2 * DIM])).isEmpty();
    assertThat(stored.sum(new float[0])).containsOnly(0);
  }

  @ParameterizedTest
  @EnumSource
  void sumsCanBeScaledAndCleared(Nibble format) {
    TensorCodec codec = format.codec(DIM, Kernels.best());
    int rows = codec.rowGroup();
    float[] weights = new float[2 * rows];
    Arrays.fill(weights, 0, rows, 1f / rows);
    Arrays.fill(weights, rows, 2 * rows, 2f / rows);
    MemorySegment memory = MemorySegment.ofArray(new byte[9999]);
    long scales = codec.codeBytes(rows);
    codec.encode(Rows.GAUSSIAN.of(rows * DIM, 1), 0, rows, memory, 0, scales);
    ValueSum sum = codec.newSum(2);
    float[] once = new float[2 * DIM];
    float[] twice = new float[2 * DIM];
    sum.add(weights, 0, rows, memory, 0, scales, rows);
    sum.get(0, once, 0);
    sum.get(1, once, DIM);
    sum.scale(1, 0.25f);
    sum.add(weights, 0, rows, memory, 0, scales, rows);
    sum.get(0, twice, 0);
    sum.get(1, twice, DIM);
    for (int i = 0; i < 2 * DIM; i++) {
      float expected = once[i] * (i < DIM ? 2 : 1.25f);
      assertThat(Math.abs(twice[i] - expected)).isLessThan(1e-4f);
    }
    assertThat(once[0] * once[DIM]).isPositive();
    sum.clear();
    sum.get(1, once, 0);
    assertThat(once).startsWith(new float[DIM]);
  }

  @ParameterizedTest
  @EnumSource
  void headsBeyondTheirNumberAreRefused(Nibble format) {
    TensorCodec codec = format.codec(DIM, Kernels.best());
    float[] row = new float[4 * DIM];
    assertOutOfBounds(() -> codec.newScorer(2).query(2, row, 0));
    assertOutOfBounds(() -> codec.newScorer(2).query(-1, row, 0));
    assertOutOfBounds(() -> codec.newSum(2).scale(2, 1));
    assertOutOfBounds(() -> codec.newSum(2).get(2, row, 0));
    assertOutOfBounds(() -> codec.newSum(2).get(-1, row, 0));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsTooShortIsRefusedBeforeAnythingIsWritten(Nibble format) {
    TensorCodec codec = format.codec(DIM, Kernels.best());
    int n = 2 * codec.rowGroup();
    int planes = (int) (codec.codeBytes(n) + codec.scaleBytes(n));
    byte[] bytes = new byte[planes];
    Arrays.fill(bytes, (byte) 1);
    MemorySegment memory = MemorySegment.ofArray(bytes);
    MemorySegment shorter = memory.asSlice(0, planes - 1);
    long scales = codec.codeBytes(n);
    float[] rows = new float[n * DIM];
    float[] fewer = new float[n * DIM - 1];
    assertOutOfBounds(() -> codec.encode(fewer, 0, n, memory, 0, scales));
    assertOutOfBounds(() -> codec.encode(rows, 1, n, memory, 0, scales));
    assertOutOfBounds(() -> codec.encode(rows, -1, n, memory, 0, scales));
    assertOutOfBounds(() -> codec.encode(rows, 0, n, shorter, 0, scales));
    assertOutOfBounds(() -> codec.encode(rows, 0, n, memory, planes - 8, 0));
    assertOutOfBounds(() -> codec.encode(rows, 0, n, memory, -1, scales));
    assertOutOfBounds(() -> codec.decode(memory, 0, scales, n, fewer, 0));
    assertOutOfBounds(() -> codec.decode(shorter, 0, scales, n, rows, 0));
    assertThat(bytes).containsOnly(1);
    assertThat(rows).containsOnly(0);
    KeyScorer scorer = codec.newScorer(2);
    assertOutOfBounds(() -> scorer.query(0, fewer, (n - 1) * DIM));
    assertOutOfBounds(() -> scorer.score(shorter, 0, scales, n, new float[2 * n], 0, n));
    float[] logits = new float[2 * n - 1];
    Arrays.fill(logits, 5);
    assertOutOfBounds(() -> scorer.score(memory, 0, scales, n, logits, 0, n));
    assertOutOfBounds(() -> scorer.score(memory, 0, scales, n, logits, 0, -1));
    assertThat(logits).containsOnly(5);
    ValueSum sum = codec.newSum(2);
    float[] ones = new float[2 * n - 1];
    Arrays.fill(ones, 1);
    assertOutOfBounds(() -> sum.add(new float[2 * n], 0, n, shorter, 0, scales, n));
    assertOutOfBounds(() -> sum.add(ones, 0, n, memory, 0, scales, n));
    float[] untouched = new float[DIM];
    sum.get(0, untouched, 0);
    assertThat(untouched).containsOnly(0);
  }

  @ParameterizedTest
  @EnumSource
  void headsOfOddSizeAreRefused(Nibble format) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> format.codec(80, Kernels.best()))
        .withMessageStartingWith("head dim is 80; ");
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 96, 512})
  void mantissasOfTokensNeedRoomForThem(int dim) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Nibble.MXFP4M.codec(dim, Kernels.best()))
        .withMessage("head dim is %d; mxfp4m packs its scales for 64, 128 and 256", dim);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mxfp4", "mxfp4m", "turbo4", "int4", "q4_0", "kivi4"})
  void formatsThatReachFarTakeNoTensorScale(String name) {
    FormatSpec spec =
        NibbleFormats.formats(Kernels.best()).stream()
            .filter(format -> format.name().equals(name))
            .findFirst()
            .orElseThrow();
    FormatOptions options = FormatOptions.of(DIM).withTensorScale(2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> spec.codec(options))
        .withMessage("format '%s' takes no tensor scale; its own scales reach far enough", name);
  }

  @Test
  void unknownRulesAreRefusedWithTheKnownOnes() {
    FormatSpec mxfp4 = NibbleFormats.formats(Kernels.best()).getFirst();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> mxfp4.codec(FormatOptions.of(DIM).withRule("t8")))
        .withMessage("format 'mxfp4' has no rule 't8'; it takes t7, ocp, uq");
  }

  @Test
  void kiviTakesWholeGroupsOnly() {
    TensorCodec codec = Nibble.KIVI4.codec(DIM, Kernels.best());
    MemorySegment memory = MemorySegment.ofArray(new byte[99_999]);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec.encode(new float[200 * DIM], 0, 200, memory, 0, 50_000))
        .withMessage("200 rows; kivi4 encodes 128 tokens together, so give a multiple of that");
  }
}
