package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

@Tag("vector")
class RowKernelsTest {

  private static final RowKernels SCALAR = ScalarRowKernels.INSTANCE;
  private static final RowKernels VECTOR = VectorRowKernels.INSTANCE;

  private static FloatFormat format(RowElement element) {
    return switch (element) {
      case E4M3 -> FloatFormat.E4M3;
      case FP16 -> FloatFormat.FP16;
      case BF16 -> FloatFormat.BF16;
      case F32 -> throw new IllegalArgumentException("too many codes to try");
    };
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "F32")
  void vectorsDecodeEachCodeAsPlainJavaDoes(RowElement element) {
    int codes = 1 << (8 * element.bytes());
    byte[] bytes = new byte[codes * element.bytes()];
    for (int i = 0; i < codes; i++) {
      bytes[i * element.bytes()] = (byte) i;
      if (element.bytes() == 2) {
        bytes[2 * i + 1] = (byte) (i >> 8);
      }
    }
    float[] expected = new float[codes];
    float[] actual = new float[codes];
    SCALAR.decode(element, MemorySegment.ofArray(bytes), 0, codes, 1, expected, 0);
    VECTOR.decode(element, MemorySegment.ofArray(bytes), 0, codes, 1, actual, 0);
    assertThat(Rows.bits(actual)).isEqualTo(Rows.bits(expected));
    assertThat(expected[codes / 2 - 1]).isNaN();
    assertThat(expected[1]).isEqualTo((float) format(element).value(1));
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "F32")
  void vectorsEncodeHardValuesAsPlainJavaDoes(RowElement element) {
    float[] probes = format(element).probes();
    float[] values = Arrays.copyOf(probes, (probes.length + 15 + 64) / 16 * 16);
    for (int i = probes.length; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(i % 2 << 31 | 0x7F80_0001 + (i * 0x1_2345 & 0x7F_FFF0));
    }
    byte[] expected = new byte[values.length * element.bytes()];
    byte[] actual = new byte[values.length * element.bytes()];
    SCALAR.encode(element, values, 0, values.length, 1, MemorySegment.ofArray(expected), 0);
    VECTOR.encode(element, values, 0, values.length, 1, MemorySegment.ofArray(actual), 0);
    assertThat(Arrays.mismatch(actual, expected)).isEqualTo(-1);
    int last = values.length - 1;
    float[] back = new float[values.length];
    SCALAR.decode(element, MemorySegment.ofArray(expected), 0, values.length, 1, back, 0);
    assertThat(back[last]).isNaN();
  }

  @ParameterizedTest
  @EnumSource
  void largestLeavesOutWhatIsNotFinite(Rows rows) {
    for (int seed = 0; seed < 100; seed++) {
      float[] row = rows.of(96, seed);
      float largest = 0;
      for (int i = 16; i < 80; i++) {
        largest = Float.isFinite(row[i]) ? Math.max(largest, Math.abs(row[i])) : largest;
      }
      assertThat(SCALAR.largest(row, 16, 64)).isEqualTo(largest);
      assertThat(VECTOR.largest(row, 16, 64)).isEqualTo(largest);
    }
  }
}
