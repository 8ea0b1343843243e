package org.kvcache.bench.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.kvcache.bench.quality.CodecFiles.encoded;
import static org.kvcache.bench.quality.CodecFiles.normalRows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CodecCommandsTest {

  private static final int ROWS = 384;

  @TempDir private Path folder;
  private CodecFiles files;
  private float[] rows;

  @BeforeEach
  void writeRows() {
    files = new CodecFiles(folder);
    rows = normalRows(ROWS, 128);
    files.write("x.f32", rows);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mxfp4", "mxfp4:ocp", "mxfp4:uq", "kivi4", "fp8:unit"})
  void filesHoldWhatTheCodecGives(String format) {
    CodecFiles.Planes planes = encoded(format, 128, 1, rows);
    Invocation encoding =
        files.run(
            "encode --format " + format + " --head-dim 128 --in @x.f32 --codes @c --scales @s");
    assertThat(encoding.err()).isEmpty();
    assertThat(files.bytes("c")).isEqualTo(planes.codes());
    assertThat(files.bytes("s")).isEqualTo(planes.scales());
    Invocation decoding =
        files.run("decode --format " + format + " --head-dim 128 --codes @c --scales @s --out @y");
    assertThat(decoding.err()).isEmpty();
    assertThat(files.floats("y")).isEqualTo(planes.read());
    assertThat(files.bytes("x.f32")).hasSize(ROWS * 128 * 4);
  }

  @Test
  void aFileOfManyChunksIsCodedAsOne() {
    float[] many = normalRows(20_000, 128);
    files.write("x.f32", many);
    CodecFiles.Planes planes = encoded("mxfp4", 128, 1, many);
    files.run("encode --format mxfp4 --head-dim 128 --in @x.f32 --codes @c --scales @s");
    assertThat(Arrays.equals(files.bytes("c"), planes.codes())).isTrue();
    assertThat(Arrays.equals(files.bytes("s"), planes.scales())).isTrue();
    files.run("decode --format mxfp4 --head-dim 128 --codes @c --scales @s --out @y");
    assertThat(Arrays.equals(files.floats("y"), planes.read())).isTrue();
  }

  @Test
  void ruleMayStandBesideTheFormat() {
    files.run("encode --format mxfp4 --rule uq --head-dim 128 --in @x.f32 --codes @c --scales @s");
    assertThat(files.bytes("s")).isEqualTo(encoded("mxfp4:uq", 128, 1, rows).scales());
  }

  @Test
  void formatsWithoutScalesNeedNoFileForThem() {
    assertThat(files.run("encode --format bf16 --head-dim 128 --in @x.f32 --codes @c").code())
        .isZero();
    assertThat(files.run("decode --format bf16 --head-dim 128 --codes @c --out @y").code())
        .isZero();
    assertThat(files.floats("y")).isEqualTo(encoded("bf16", 128, 1, rows).read());
  }

  @Test
  void tensorScaleIsComputedPrintedAndTakenBack() {
    rows[77] = -4480;
    files.write("x.f32", rows);
    Invocation encoding =
        files.run(
            "encode -q --format fp8 --rule tensor --head-dim 128 --in @x.f32 --codes @c --scales"
                + " @s");
    assertThat(encoding.out().strip()).isEqualTo("tensor scale 10.0");
    assertThat(files.bytes("c")).isEqualTo(encoded("fp8:tensor", 128, 10, rows).codes());
    Invocation decoding =
        files.run(
            "decode --format fp8:tensor --tensor-scale 10 --head-dim 128 --codes @c --scales @s"
                + " --out @y");
    assertThat(decoding.code()).isZero();
    assertThat(files.floats("y")[77]).isEqualTo(-4480);
  }

  @Test
  void resultIsOneLineAndQuietIsNone() {
    String command = "encode --format mxfp4 --head-dim 128 --in @x.f32 --codes @c --scales @s";
    assertThat(files.run(command).out().strip())
        .hasLineCount(1)
        .startsWith("384 rows of 128 as mxfp4:t7: ")
        .endsWith(" bits per element");
    assertThat(files.run(command + " --quiet").out()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--format nope --head-dim 128 --in @x.f32      | unknown format 'nope'; known: ",
        "--format mxfp4:no --head-dim 128 --in @x.f32  | format 'mxfp4' has no rule 'no'; it takes",
        "--format mxfp4:t7 --rule uq --head-dim 128 --in @x.f32 | leave one out",
        "--format mxfp4 --head-dim 0 --in @x.f32       | head dim is 0",
        "--format mxfp4 --head-dim 128 --in @none      | does not exist",
        "--format mxfp4 --head-dim 128 --in @          | is a directory",
        "--format mxfp4 --head-dim 128 --in @odd.f32   | 1,001 bytes are not a multiple of 512",
        "--format mxfp4 --head-dim 128 --in @empty.f32 | is empty",
        "--format kivi4 --head-dim 128 --in @130.f32   | leaves 2 over, so give a multiple of 128",
        "--format mxfp4 --head-dim 128 --in @c         | is named for --in and for --codes",
        "--format mxfp4 --head-dim 128 --in @s         | is named for --in and for --scales",
        "--format mxfp4 --head-dim 128 --tensor-scale 0 --in @x.f32 | tensor scale is 0",
      })
  void badEncodingIsOneSentenceAndWritesNothing(String arguments, String sentence)
      throws IOException {
    files.write("odd.f32", new byte[1001]);
    files.write("empty.f32", new byte[0]);
    files.write("130.f32", normalRows(130, 128));
    files.write("c", new byte[] {1});
    files.write("s", new byte[] {2});
    Invocation encoding = files.run("encode " + arguments.strip() + " --codes @c --scales @s");
    assertThat(encoding.code()).isEqualTo(2);
    assertThat(encoding.errLines()).hasSize(1).first().asString().contains(sentence.strip());
    assertThat(files.bytes("c")).containsExactly(1);
    assertThat(files.bytes("s")).containsExactly(2);
    assertNoLeftovers(6);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--codes @c --scales @s --out @no/y      | its directory does not exist",
        "--codes @c --scales @s --out @c         | is named for --codes and for --out",
        "--codes @c --scales @c --out @y         | is named for --codes and for --scales",
        "--codes @c --out @y                     | has scales; say with --scales",
        "--codes @short --scales @s --out @y     | the codes of a row of 128 in mxfp4:t7",
        "--codes @half --scales @s --out @y      | holds the codes of 192 rows and",
        "--codes @gone --scales @s --out @y      | does not exist",
      })
  void badDecodingIsOneSentenceAndWritesNothing(String arguments, String sentence)
      throws IOException {
    files.run("encode --format mxfp4 --head-dim 128 --in @x.f32 --codes @c --scales @s");
    byte[] codes = files.bytes("c");
    files.write("short", Arrays.copyOf(codes, codes.length - 1));
    files.write("half", Arrays.copyOf(codes, codes.length / 2));
    files.write("y", new byte[] {9});
    Invocation decoding = files.run("decode --format mxfp4 --head-dim 128 " + arguments.strip());
    assertThat(decoding.code()).isEqualTo(2);
    assertThat(decoding.errLines()).hasSize(1).first().asString().contains(sentence.strip());
    assertThat(files.bytes("y")).containsExactly(9);
    assertThat(files.bytes("c")).isEqualTo(codes);
    assertNoLeftovers(6);
  }

  @Test
  void decodingATensorScaleFormatAsksForIt() {
    files.write("c", new byte[128]);
    Invocation decoding =
        files.run("decode --format fp8:tensor --head-dim 128 --codes @c --out @y");
    assertThat(decoding.code()).isEqualTo(2);
    assertThat(decoding.err()).contains("give --tensor-scale as 'kvcache encode' printed it");
  }

  private void assertNoLeftovers(int expected) throws IOException {
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left).hasSize(expected);
    }
  }
}
