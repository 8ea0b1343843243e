package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kvcache.spi.FormatSpec;
import org.kvcache.spi.TensorCodec;

@Tag("vector")
class GoldenVectorsTest {

  static List<GoldenBlock> blocks() {
    try {
      return GoldenBlock.read(Path.of("FORMATS.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<FormatSpec> formats(Kernels kernels) {
    return Stream.concat(
            NibbleFormats.formats(kernels).stream(), UnpackedFormats.formats(kernels).stream())
        .toList();
  }

  private static TensorCodec codec(GoldenBlock block, Kernels kernels) {
    return formats(kernels).stream()
        .filter(format -> format.name().equals(block.format()))
        .findFirst()
        .orElseThrow()
        .codec(block.options());
  }

  private static float[] repeated(float[] once, int times) {
    float[] all = new float[once.length * times];
    for (int i = 0; i < all.length; i++) {
      all[i] = once[i % once.length];
    }
    return all;
  }

  /** A line for each row, so that a difference can be read. */
  private static List<String> lines(byte[] bytes, int rows) {
    List<String> lines = new ArrayList<>();
    int row = Math.max(1, bytes.length / rows);
    for (int at = 0; at < bytes.length; at += row) {
      lines.add(HexFormat.of().formatHex(bytes, at, Math.min(bytes.length, at + row)));
    }
    return lines;
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void scalar(GoldenBlock block) {
    check(block, Kernels.scalar());
  }

  @ParameterizedTest
  @MethodSource("blocks")
  void best(GoldenBlock block) {
    check(block, Kernels.best());
  }

  private static void check(GoldenBlock block, Kernels kernels) {
    TensorCodec codec = codec(block, kernels);
    int count = block.count();
    long scales = codec.codeBytes(count);
    byte[] bytes = new byte[(int) (scales + codec.scaleBytes(count))];
    Arrays.fill(bytes, (byte) 0x5A);
    MemorySegment memory = MemorySegment.ofArray(bytes);

    codec.encode(repeated(block.rows(), block.repeat()), 0, count, memory, 0, scales);

    byte[] codes = new byte[(int) scales];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = block.codes()[i % block.codes().length];
    }
    assertThat(block.codes()).hasSize(codes.length / block.repeat());
    assertThat(lines(memory.asSlice(0, scales).toArray(JAVA_BYTE), count))
        .as("codes")
        .isEqualTo(lines(codes, count));
    assertThat(lines(memory.asSlice(scales).toArray(JAVA_BYTE), count))
        .as("scales")
        .isEqualTo(lines(block.scales(), count));

    float[] values = new float[count * codec.headDim()];
    codec.decode(memory, 0, scales, count, values, 0);
    assertThat(Rows.bits(values))
        .as("values")
        .isEqualTo(Rows.bits(repeated(block.values(), block.repeat())));
  }

  @Test
  void everyFormatAndRuleHasABlock() {
    Set<String> found = new HashSet<>();
    for (GoldenBlock block : blocks()) {
      found.add(block.format() + ":" + block.options().rule());
    }
    Set<String> wanted = new HashSet<>();
    for (FormatSpec format : new Codecs().formats()) {
      List<String> rules = format.rules().isEmpty() ? List.of("") : format.rules();
      rules.forEach(rule -> wanted.add(format.name() + ":" + rule));
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(wanted);
  }
}
