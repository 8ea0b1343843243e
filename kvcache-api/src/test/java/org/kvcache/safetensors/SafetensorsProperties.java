package org.kvcache.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class SafetensorsProperties {

  private static Path file;
  private static byte[] sample;

  @BeforeContainer
  static void createFile() throws IOException {
    file = Files.createTempDirectory("safetensors").resolve("x.safetensors");
    sample = sample();
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.deleteIfExists(file);
    Files.delete(file.getParent());
  }

  @Property(tries = 200)
  void whatIsWrittenIsRead(
      @ForAll @Size(max = 6) Map<@From("names") String, int[]> tensors,
      @ForAll @Size(max = 3) Map<@From("names") String, @From("names") String> texts)
      throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter();
    texts.forEach(writer::metadata);
    tensors.forEach((name, bits) -> {
      writer.add(name + ".i", bits, bits.length, 1);
      writer.add(name + ".f", floats(bits), 1, bits.length);
    });
    String sha256 = writer.write(file);
    try (Safetensors read = Safetensors.open(file)) {
      assertThat(read.sha256()).isEqualTo(sha256);
      assertThat(read.names()).hasSize(2 * tensors.size());
      tensors.forEach((name, bits) -> {
        assertThat(read.ints(name + ".i")).isEqualTo(bits);
        assertThat(bits(read.floats(name + ".f"))).isEqualTo(bits);
        assertThat(read.info(name + ".i").shape()).containsExactly((long) bits.length, 1L);
        assertThat(read.info(name + ".f").offset() % 4).isZero();
      });
      assertThat(read.metadata()).isEqualTo(texts);
    }
    byte[] bytes = Files.readAllBytes(file);
    assertThat(bytes[0] % 8).isZero();
    assertThat(bytes[8]).isEqualTo((byte) '{');
  }

  @Property(tries = 300)
  void cutFileIsRefused(@ForAll @IntRange(max = 400) int kept) throws IOException {
    byte[] whole = sample;
    Files.write(file, Arrays.copyOf(whole, Math.min(kept, whole.length - 1)));
    assertThatIllegalArgumentException().isThrownBy(() -> Safetensors.open(file).close());
  }

  @Property(tries = 500)
  void damagedHeaderIsRefusedOrHarmless(@ForAll @IntRange(max = 250) int at, @ForAll byte damage)
      throws IOException {
    byte[] bytes = sample.clone();
    bytes[at] = damage;
    Files.write(file, bytes);
    Throwable thrown =
        catchThrowable(() -> {
          try (Safetensors read = Safetensors.open(file)) {
            for (String name : read.names()) {
              TensorInfo info = read.info(name);
              if (info.dtype().equals("F32")) {
                assertThat(read.floats(name)).hasSize((int) info.elements());
              }
            }
          }
        });
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(": ");
    }
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings().withChars("ab.\"\\/\n é漢_").ofMinLength(1).ofMaxLength(12);
  }

  private static byte[] sample() throws IOException {
    new SafetensorsWriter()
        .metadata("format", "pt")
        .add("one", new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
        .add("two", new int[] {1, 2}, 2)
        .add("three", new float[] {7})
        .write(file);
    return Files.readAllBytes(file);
  }

  private static float[] floats(int[] bits) {
    float[] floats = new float[bits.length];
    for (int i = 0; i < bits.length; i++) {
      floats[i] = Float.intBitsToFloat(bits[i]);
    }
    return floats;
  }

  private static int[] bits(float[] floats) {
    int[] bits = new int[floats.length];
    for (int i = 0; i < floats.length; i++) {
      bits[i] = Float.floatToRawIntBits(floats[i]);
    }
    return bits;
  }
}
