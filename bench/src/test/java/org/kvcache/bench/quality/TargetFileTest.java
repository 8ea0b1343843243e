package org.kvcache.bench.quality;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kvcache.sim.report.ReportFile;

class TargetFileTest {

  @TempDir private Path folder;

  @Test
  void whatIsNotCommittedLeavesTheOldFileAndNothingElse() throws IOException {
    Path old = Files.writeString(folder.resolve("a"), "old");
    try (TargetFile file = create("a")) {
      file.write(new byte[100], 0, 100);
      assertThat(old).hasContent("old");
    }
    assertThat(old).hasContent("old");
    assertThat(names()).containsExactly("a");
  }

  @Test
  void filesThatBelongTogetherAppearTogether() throws IOException {
    Files.writeString(folder.resolve("a"), "old");
    try (TargetFile a = create("a");
        TargetFile b = create("b")) {
      a.write("xnewx".getBytes(UTF_8), 1, 3);
      b.write("b".getBytes(UTF_8), 0, 1);
      assertThat(folder.resolve("b")).doesNotExist();
      TargetFile.commit(List.of(a, b));
    }
    assertThat(folder.resolve("a")).hasContent("new");
    assertThat(folder.resolve("b")).hasContent("b");
    assertThat(names()).containsExactly("a", "b");
  }

  @Test
  void linkStaysALink() throws IOException {
    Path real = Files.writeString(folder.resolve("real"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    try (TargetFile file = create("link")) {
      file.write("new".getBytes(UTF_8), 0, 3);
      TargetFile.commit(List.of(file));
    }
    assertThat(link).isSymbolicLink();
    assertThat(real).hasContent("new");
  }

  @Test
  void sourceThatShrinksIsNoticed() throws IOException {
    Path path = Files.write(folder.resolve("x"), new byte[100]);
    try (SourceFile file = SourceFile.open(path)) {
      assertThat(file.records(10, "tens")).isEqualTo(10);
      Files.write(path, new byte[50]);
      assertThatThrownBy(() -> file.read(new byte[100], 100))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("became shorter");
      file.rewind();
      file.read(new byte[50], 50);
    }
  }

  private TargetFile create(String name) {
    return TargetFile.create(ReportFile.of(folder.resolve(name).toString()));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
