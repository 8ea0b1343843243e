package org.kvcache.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {

  @TempDir private Path folder;

  private Safetensors open(byte[] bytes) throws IOException {
    return Safetensors.open(RawFile.in(folder, bytes));
  }

  private float[] floats(String dtype, int count, byte[] data) throws IOException {
    try (Safetensors file = open(RawFile.tensor(dtype, "[" + count + "]", data))) {
      return file.floats("t");
    }
  }

  private int[] ints(String dtype, int count, byte[] data) throws IOException {
    try (Safetensors file = open(RawFile.tensor(dtype, "[" + count + "]", data))) {
      return file.ints("t");
    }
  }

  @Test
  void float32IsReadAsItIs() throws IOException {
    byte[] data = RawFile.data(8).putFloat(1.5f).putFloat(-3e-40f).array();
    assertThat(floats("F32", 2, data)).containsExactly(1.5f, -3e-40f);
  }

  @Test
  void float64IsRounded() throws IOException {
    byte[] data = RawFile.data(24).putDouble(0.1).putDouble(-1e300).putDouble(2).array();
    assertThat(floats("F64", 3, data)).containsExactly(0.1f, Float.NEGATIVE_INFINITY, 2f);
  }

  @Test
  void float16IsExact() throws IOException {
    byte[] data =
        RawFile.data(8)
            .putShort((short) 0x3c00)
            .putShort((short) 0xc500)
            .putShort((short) 0x0001)
            .putShort((short) 0x7bff)
            .array();
    assertThat(floats("F16", 4, data)).containsExactly(1f, -5f, 0x1p-24f, 65504f);
  }

  @Test
  void bfloat16IsExact() throws IOException {
    byte[] data =
        RawFile.data(6)
            .putShort((short) 0x3f80)
            .putShort((short) 0xc0a0)
            .putShort((short) 0x7f80)
            .array();
    assertThat(floats("BF16", 3, data)).containsExactly(1f, -5f, Float.POSITIVE_INFINITY);
  }

  @Test
  void integersOfEachWidthKeepTheirSign() throws IOException {
    assertThat(ints("U8", 2, new byte[] {1, -1})).containsExactly(1, 255);
    assertThat(ints("I8", 2, new byte[] {1, -1})).containsExactly(1, -1);
    byte[] shorts = RawFile.data(4).putShort((short) 300).putShort((short) -2).array();
    assertThat(ints("U16", 2, shorts)).containsExactly(300, 65534);
    assertThat(ints("I16", 2, shorts)).containsExactly(300, -2);
    byte[] words = RawFile.data(8).putInt(Integer.MIN_VALUE).putInt(7).array();
    assertThat(ints("I32", 2, words)).containsExactly(Integer.MIN_VALUE, 7);
    byte[] longs = RawFile.data(16).putLong(-1).putLong(Integer.MAX_VALUE).array();
    assertThat(ints("I64", 2, longs)).containsExactly(-1, Integer.MAX_VALUE);
  }

  @Test
  void longBeyondIntIsRefused() throws IOException {
    byte[] data = RawFile.data(16).putLong(1).putLong(1L << 31).array();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ints("I64", 2, data))
        .withMessageContaining("tensor 't' has 2147483648 at 1, which is no int");
  }

  @Test
  void infoSaysWhereATensorIs() throws IOException {
    byte[] bytes =
        RawFile.bytes(
            """
            {'b': {'dtype': 'I8', 'shape': [2, 3], 'data_offsets': [4, 10]},
             '__metadata__': {'format': 'pt', 'a': ''},
             'a': {'dtype': 'F32', 'shape': [], 'data_offsets': [0, 4]}}\
            """,
            new byte[10]);
    try (Safetensors file = open(bytes)) {
      long data = bytes.length - 10;
      assertThat(file.names()).containsExactly("b", "a");
      assertThat(file.info("b")).isEqualTo(new TensorInfo("b", "I8", List.of(2L, 3L), data + 4, 6));
      assertThat(file.info("a")).isEqualTo(new TensorInfo("a", "F32", List.of(), data, 4));
      assertThat(file.info("a").elements()).isEqualTo(1);
      assertThat(file.info("b").elements()).isEqualTo(6);
      assertThat(file.metadata()).containsEntry("format", "pt").containsEntry("a", "").hasSize(2);
      assertThat(file.has("a")).isTrue();
      assertThat(file.has("__metadata__")).isFalse();
      assertThat(file).hasToString(file.file() + " (2 tensors)");
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0, ''", "0, 2, 1.0 2.0", "1, 2, 2.0 3.0", "3, 0, ''"})
  void partIsReadFromItsPlace(long from, int count, String expected) throws IOException {
    byte[] data = RawFile.data(12).putFloat(1).putFloat(2).putFloat(3).array();
    try (Safetensors file = open(RawFile.tensor("F32", "[3, 1]", data))) {
      String read = "";
      for (float value : file.floats("t", from, count)) {
        read += " " + value;
      }
      assertThat(read.strip()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "0, 4", "3, 1", "0, -1", "9223372036854775807, 1"})
  void partBeyondTheTensorIsRefused(long from, int count) throws IOException {
    try (Safetensors file = open(RawFile.tensor("F32", "[3]", new byte[12]))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> file.floats("t", from, count))
          .withMessageContaining("x.safetensors: tensor 't' has 3 elements; there are no " + count);
    }
  }

  @ParameterizedTest
  @CsvSource({"F8_E4M3, [4]", "F4, '[2, 4]'", "C64, [0]", "FP3_NEW, [999]"})
  void dtypeWithoutConversionIsListedAndRefusedWhenRead(String dtype, String shape)
      throws IOException {
    try (Safetensors file =
        open(RawFile.tensor(dtype, shape, new byte[dtype.equals("C64") ? 0 : 4]))) {
      assertThat(file.info("t").dtype()).isEqualTo(dtype);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> file.floats("t", 0, 0))
          .withMessageContaining("tensor 't' has dtype " + dtype + "; only F64, F32, F16 or BF16");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> file.floats("t"))
          .withMessageContaining("dtype " + dtype);
    }
  }

  @Test
  void floatsAreNoInts() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ints("F32", 1, new byte[4]))
        .withMessageContaining("tensor 't' has dtype F32; only U8, I8, U16, I16, I32 or I64");
  }

  @Test
  void unknownNameIsRefused() throws IOException {
    try (Safetensors file = open(RawFile.tensor("F32", "[1]", new byte[4]))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> file.floats("nosuch"))
          .withMessageContaining("x.safetensors: has no tensor 'nosuch' among its 1");
    }
  }

  @Test
  void fileWithoutTensorsIsValid() throws IOException {
    try (Safetensors file = open(RawFile.bytes("{}   "))) {
      assertThat(file.names()).isEmpty();
      assertThat(file.metadata()).isEmpty();
    }
  }

  @Test
  void nothingIsReadAfterClose() throws IOException {
    Safetensors file = open(RawFile.tensor("F32", "[1]", new byte[4]));
    file.close();
    file.close();
    assertThatIllegalStateException().isThrownBy(() -> file.floats("t"));
    assertThatIllegalStateException().isThrownBy(() -> file.ints("t"));
    assertThatIllegalStateException().isThrownBy(file::sha256);
  }

  @Test
  void digestIsThatOfTheFile() throws Exception {
    byte[] bytes = RawFile.tensor("I8", "[2100000]", new byte[2_100_000]);
    byte[] expected = MessageDigest.getInstance("SHA-256").digest(bytes);
    try (Safetensors file = open(bytes)) {
      assertThat(file.sha256()).isEqualTo(HexFormat.of().formatHex(expected));
    }
  }

  @Test
  void missingFileIsNamed() {
    Path missing = folder.resolve("no.safetensors");
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> Safetensors.open(missing))
        .withMessage(missing + ": does not exist");
  }

  @Test
  void directoryIsNoFile() throws IOException {
    Path directory = Files.createDirectory(folder.resolve("d.safetensors"));
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> Safetensors.open(directory))
        .withMessage(directory + ": cannot be read (it is a directory)");
  }
}
