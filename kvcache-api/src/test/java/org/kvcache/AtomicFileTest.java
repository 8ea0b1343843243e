package org.kvcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {

  @TempDir private Path folder;

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void contentTakesThePlaceOfTheOldFile() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "old");
    AtomicFile.write(
        file,
        out -> {
          out.write('n');
          assertThat(file).hasContent("old");
        });
    assertThat(file).hasContent("n");
    assertThat(names()).containsExactly("f");
  }

  @Test
  void failureKeepsTheOldFile() throws IOException {
    Path file = Files.writeString(folder.resolve("f"), "old");
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() ->
            AtomicFile.write(
                file,
                out -> {
                  out.write(new byte[100_000]);
                  throw new IOException("disk full");
                }))
        .withMessage(file + ": cannot be written (disk full); the old file, if any, is kept");
    assertThatIllegalStateException()
        .isThrownBy(() ->
            AtomicFile.write(
                file,
                _ -> {
                  throw new IllegalStateException();
                }));
    assertThat(file).hasContent("old");
    assertThat(names()).containsExactly("f");
  }

  @Test
  void missingDirectoryIsNamed() {
    Path file = folder.resolve("no/f");
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> AtomicFile.write(file, out -> out.write(1)))
        .withMessage(file + ": its directory does not exist; make it first");
  }

  @Test
  void directoryIsNotReplaced() throws IOException {
    Path directory = Files.createDirectory(folder.resolve("d"));
    assertThatExceptionOfType(UncheckedIOException.class)
        .isThrownBy(() -> AtomicFile.write(directory, out -> out.write(1)))
        .withMessageContaining("it is a directory");
    assertThat(names()).containsExactly("d");
  }
}
