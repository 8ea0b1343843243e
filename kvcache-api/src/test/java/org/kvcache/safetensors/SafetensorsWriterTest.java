package org.kvcache.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsWriterTest {

  @TempDir private Path folder;

  @Test
  void bytesAreThoseOfTheFormat() throws IOException {
    Path file = folder.resolve("x.safetensors");
    new SafetensorsWriter()
        .metadata("k", "v")
        .add("w", new float[] {1, -2}, 2)
        .add("n", new int[] {258})
        .write(file);
    String header =
        """
        {'__metadata__':{'k':'v'},\
        'w':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},\
        'n':{'dtype':'I32','shape':[],'data_offsets':[8,12]}}\
        """;
    String padded = header + " ".repeat(-header.length() & 7);
    assertThat(file)
        .hasBinaryContent(
            RawFile.bytes(padded, new byte[] {0, 0, -128, 63, 0, 0, 0, -64, 2, 1, 0, 0}));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16_383, 16_384, 16_385, 50_000})
  void longTensorsAreWrittenWhole(int length) {
    Path file = folder.resolve("x.safetensors");
    int[] values = new int[length];
    Arrays.setAll(values, i -> i * 31 + 1);
    new SafetensorsWriter().add("v", values, length).write(file);
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.ints("v")).isEqualTo(values);
    }
  }

  @Test
  void existingFileIsReplacedAndNothingElseLeft() throws IOException {
    Path file = Files.writeString(folder.resolve("x.safetensors"), "old");
    new SafetensorsWriter().write(file);
    assertThat(file).hasBinaryContent(RawFile.bytes("{}      "));
    assertThat(folder).isDirectoryContaining(file::equals).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void shapeMustFitTheValues() {
    var writer = new SafetensorsWriter();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("w", new float[5], 2, 3))
        .withMessage("tensor 'w' has 5 values, which do not make the shape [2, 3]");
    assertThatIllegalArgumentException().isThrownBy(() -> writer.add("w", new float[5]));
    assertThatIllegalArgumentException().isThrownBy(() -> writer.add("w", new int[6], -2, -3));
    assertThatIllegalArgumentException().isThrownBy(() -> writer.add("w", new int[0], 1L << 62, 4));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("w", new int[0], 1L << 62, 2, 0));
  }

  @Test
  void textThatIsNoUnicodeIsRefused() {
    var writer = new SafetensorsWriter();
    assertThatIllegalArgumentException().isThrownBy(() -> writer.metadata("k", "\ud800"));
    assertThatIllegalArgumentException().isThrownBy(() -> writer.metadata("\ud800", ""));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("\udc00", new int[1]))
        .withMessageContaining("unpaired surrogate");
  }

  @Test
  void nameIsTakenOnce() {
    var writer = new SafetensorsWriter().add("w", new float[1], 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("w", new int[1], 1))
        .withMessage("tensor 'w' is there already");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> writer.add("__metadata__", new int[1], 1))
        .withMessageContaining("choose another");
  }
}
