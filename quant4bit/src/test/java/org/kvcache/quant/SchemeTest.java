package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;

class SchemeTest {

  private static final HeadCalibration NONE = HeadCalibration.identity(128);

  static Stream<String> names() {
    return new Codecs().schemes().stream().map(SchemeSpec::name);
  }

  @Test
  void catalogue() {
    assertThat(names())
        .containsExactly(
            "lm16",
            "mxfp4",
            "mxfp4m",
            "k8v4",
            "ultraquant",
            "turbo4",
            "kivi4",
            "fp8",
            "bf16",
            "f32");
    assertThat(CodecCatalog.all()).hasSize(1);
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyNameResolves(String name) {
    SchemeSpec scheme = CodecCatalog.scheme(name);
    assertThat(scheme.name()).isEqualTo(name);
    assertThat(Block.codec(name, 128, 128, NONE).scheme()).isEqualTo(scheme);
  }

  @ParameterizedTest
  @CsvSource({
    "lm16, 4.25, 4.25",
    "mxfp4, 4.25, 4.25",
    "mxfp4m, 4.25, 4.25",
    "k8v4, 8, 4.25",
    "ultraquant, 4.25, 4.25",
    "turbo4, 4.125, 4.125",
    "kivi4, 4.25, 4.25",
    "fp8, 8, 8",
    "bf16, 16, 16",
    "f32, 32, 32",
    "fp8+lm16, 8, 4.25",
    "mxfp4:ocp+int4, 4.25, 4.25",
  })
  void bitsOfKeysAndValues(String name, double keys, double values) {
    BlockCodec codec = Block.codec(name, 128, 128, NONE);
    assertThat(codec.keys().bitsPerElement()).isEqualTo(keys);
    assertThat(codec.values().bitsPerElement()).isEqualTo(values);
  }

  @ParameterizedTest
  @MethodSource("names")
  void planesAreAlignedAndApart(String name) {
    int group = Block.codec(name, 64, 128, HeadCalibration.identity(64)).keys().rowGroup();
    for (int tokens = group; tokens <= 3 * group + 40; tokens += group) {
      BlockCodec codec = Block.codec(name, 64, tokens, HeadCalibration.identity(64));
      BlockLayout layout = codec.layout();
      assertThat(layout.headDim()).isEqualTo(64);
      assertThat(layout.blockTokens()).isEqualTo(tokens);
      long[] starts = {
        layout.keyCodes(),
        layout.keyScales(),
        layout.valueCodes(),
        layout.valueScales(),
        layout.bytes()
      };
      long[] sizes = {
        codec.keys().codeBytes(tokens),
        codec.keys().scaleBytes(tokens),
        codec.values().codeBytes(tokens),
        codec.values().scaleBytes(tokens)
      };
      for (int i = 0; i < 4; i++) {
        assertThat(starts[i] % 16).isZero();
        assertThat(starts[i + 1] - starts[i]).isBetween(sizes[i], sizes[i] + 15);
      }
      assertThat(layout.keyCodes()).isZero();
      assertThat(layout.bytes() % 16).isZero();
    }
  }

  @Test
  void composedNamesChooseFormatsAndRules() {
    SchemeSpec scheme = CodecCatalog.scheme("mxfp4:ocp+int4");
    assertThat(scheme.keys()).isEqualTo("mxfp4:ocp");
    assertThat(scheme.values()).isEqualTo("int4");
    assertThat(scheme.rotateKeys()).isTrue();
    assertThat(scheme.rotateValues()).isFalse();
    assertThat(scheme.calibrated()).isTrue();
    Block block = new Block("mxfp4:ocp+int4", 128, 10, NONE, 1).write();
    float[] rotated = block.keys.clone();
    for (int row = 0; row < 10; row++) {
      ScalarHadamard.INSTANCE.transform(rotated, row * 128, 128);
    }
    Stored keys = new Stored(Nibble.MXFP4_OCP.codec(128, Kernels.scalar()), 10).encode(rotated);
    Stored values = new Stored(Nibble.INT4.codec(128, Kernels.scalar()), 10).encode(block.values);
    BlockLayout layout = block.codec.layout();
    assertPlane(block, layout.keyCodes(), keys.codes());
    assertPlane(block, layout.keyScales(), keys.scales());
    assertPlane(block, layout.valueCodes(), values.codes());
    assertPlane(block, layout.valueScales(), values.scales());
  }

  private static void assertPlane(Block block, long at, byte[] expected) {
    assertThat(block.memory.asSlice(Block.AT + at, expected.length).toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(expected);
  }

  @Test
  void ultraquantRoundsQueriesToFp8() {
    int dim = 128;
    float root = (float) Math.sqrt(dim);
    float[] q = new float[dim];
    q[0] = 17.3f * root;
    Block rounded = new Block("ultraquant", dim, 1, NONE, 1);
    Arrays.fill(rounded.keys, 0);
    rounded.keys[0] = 6 * root;
    assertThat(rounded.write().score(q)[0]).isBetween(dim * 6 * 17.99f, dim * 6 * 18.01f);
    Block exact = new Block("mxfp4", dim, 1, NONE, 1);
    System.arraycopy(rounded.keys, 0, exact.keys, 0, dim);
    assertThat(exact.write().score(q)[0]).isBetween(dim * 6 * 17.29f, dim * 6 * 17.31f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ultraquant", "kivi4", "bf16"})
  void calibrationIsRefusedWhereThereIsNone(String name) {
    HeadCalibration calibration = Block.calibration(128, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Block.codec(name, 128, 128, calibration))
        .withMessage("scheme '%s' takes no calibration; leave it out or take another scheme", name);
  }

  @Test
  void calibrationOfAnotherHeadDimIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Block.codec("lm16", 64, 16, NONE))
        .withMessage("the calibration is for head dim 128, the keys have 64");
  }

  @Test
  void kiviNeedsBlocksOfItsTokens() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Block.codec("kivi4", 128, 16, NONE))
        .withMessageContaining("128 tokens together");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lm16", "mxfp4", "turbo4", "fp8", "fp8+lm16"})
  void rotationNeedsAPowerOfTwo(String name) {
    boolean rotates = CodecCatalog.scheme(name).rotateKeys();
    HeadCalibration calibration = HeadCalibration.identity(96);
    if (rotates) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Block.codec(name, 96, 16, calibration))
          .withMessageContaining("head dim is 96")
          .withMessageContaining("power of two");
    } else {
      assertThat(Block.codec(name, 96, 16, calibration).layout().headDim()).isEqualTo(96);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "nonsense, unknown scheme 'nonsense'; known: lm16, 'mxfp4, '",
    "nonsense+lm16, unknown format 'nonsense'; known: mxfp4, 'mxfp4m, lm16'",
    "lm16+, unknown format ''; known: mxfp4, 'mxfp4m, lm16'",
  })
  void unknownNamesAreRefusedWithTheKnownOnes(String name, String message, String more) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CodecCatalog.scheme(name))
        .withMessageStartingWith(message)
        .withMessageContaining(more);
  }

  @Test
  void unknownRulesAreRefusedWithTheKnownOnes() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Block.codec("mxfp4:t8+int4", 128, 16, NONE))
        .withMessage("format 'mxfp4' has no rule 't8'; it takes t7, ocp, uq");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Block.codec("int4+lm16:t7", 128, 16, NONE))
        .withMessage("format 'lm16' has no rule 't7'; it takes none");
  }

  @Test
  void rowsOutsideTheBlockAreRefused() {
    Block block = new Block("lm16", 128, 16, NONE, 1).write();
    byte[] before = block.bytes();
    BlockReader reader = block.codec.newReader(1);
    float[] rows = new float[17 * 128];
    assertOutOfBounds(() -> block.writer.keys(rows, 0, 1, block.memory, 0, 16));
    assertOutOfBounds(() -> block.writer.values(rows, 0, 17, block.memory, 0, 0));
    assertOutOfBounds(() -> block.writer.keys(rows, 16 * 128, 2, block.memory, 0, 0));
    assertThat(block.bytes()).isEqualTo(before);
    assertOutOfBounds(() -> reader.score(block.memory, 0, 10, 7, rows, 0, 0));
    assertOutOfBounds(() -> reader.add(rows, 0, 0, block.memory, 0, 16, 1));
    assertOutOfBounds(() -> reader.keys(block.memory, 0, -1, 1, rows, 0));
    assertOutOfBounds(() -> reader.values(block.memory, 0, 0, 17, rows, 0));
  }

  private static void assertOutOfBounds(ThrowingCallable call) {
    assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void readersAndWritersRefuseWhatWouldLeaveTheBlock() {
    BlockCodec codec = CodecCatalog.bind("kivi4", 64, 256, HeadCalibration.identity(64));
    assertThatIllegalArgumentException().isThrownBy(() -> codec.newReader(0));
    MemorySegment memory = Arena.ofAuto().allocate(codec.layout().bytes() + 16);
    BlockReader reader = codec.newReader(2);
    float[] logits = new float[512];
    assertThatThrownBy(() -> reader.score(memory, -1, 0, 128, logits, 0, 256))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> reader.score(memory, 17, 0, 128, logits, 0, 256))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> reader.score(memory, 0, 0, 128, logits, 0, 127))
        .withMessageContaining("overwrite each other");
    float[] rows = new float[256 * 64];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> codec.newWriter().keys(rows, 0, 128, memory, 0, 64))
        .withMessageContaining("128 tokens together");
  }
}
