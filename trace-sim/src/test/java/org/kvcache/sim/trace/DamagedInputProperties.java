package org.kvcache.sim.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

class DamagedInputProperties {
  private static final List<String> SUFFIXES = List.of("", ".gz", ".zst");
  private static final String AZURE =
      "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
          + "2023-11-16 18:15:46.6805900,374,44\r\n".repeat(20);
  private static final Map<String, byte[]> SOUND = new HashMap<>();
  private static Path directory;

  @BeforeContainer
  static void writeSoundFiles() throws IOException {
    directory = Files.createTempDirectory("damaged");
    for (TraceFormat format : TraceFormat.values()) {
      for (String suffix : SUFFIXES) {
        Path file = directory.resolve(format.label() + suffix);
        write(file, format);
        SOUND.put(format.label() + suffix, Files.readAllBytes(file));
      }
    }
  }

  private static void write(Path file, TraceFormat format) throws IOException {
    if (!format.writable()) {
      try (var out = OutputFile.create(file)) {
        out.write(AZURE.getBytes(StandardCharsets.US_ASCII));
        out.commit();
      }
      return;
    }
    try (var reader = TraceSource.open("chat:sessions=20,user=300", 3);
        var writer = TraceWriter.create(file, format, 512)) {
      writer.writeAll(reader);
    }
  }

  @AfterContainer
  static void removeFiles() throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  @Provide
  Arbitrary<String> files() {
    return Arbitraries.of(SOUND.keySet().stream().sorted().toList());
  }

  @Property(tries = 1500)
  void damageIsReadOrReportedInOneSentence(
      @ForAll("files") String file, @ForAll long seed, @ForAll @IntRange(max = 4) int flips)
      throws IOException {
    var random = new SplittableRandom(seed);
    byte[] bytes = SOUND.get(file).clone();
    for (int i = 0; i < flips; i++) {
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
    }
    if (random.nextBoolean()) {
      bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
    }
    String format = file.contains(".") ? file.substring(0, file.indexOf('.')) : file;
    Path damaged = Files.write(directory.resolve("damaged"), bytes);
    for (String specification : List.of(damaged.toString(), format + ":" + damaged)) {
      try (var reader = TraceSource.open(specification, 0)) {
        Trace.load(reader, TraceOptions.ALL);
      } catch (TraceException e) {
        assertThat(e.getMessage()).contains("damaged").doesNotContain("\n");
      }
    }
  }
}
