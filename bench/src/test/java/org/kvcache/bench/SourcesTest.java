package org.kvcache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.kvcache.sim.cli.CommandProvider;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

class SourcesTest {

  private static final int MOST_LINES = 600;
  private static final Set<String> NOT_OURS = Set.of("target", ".git", ".idea", ".vscode");
  private static final Pattern TEXT =
      Pattern.compile(".*\\.(java|xml|md|json|csv|sh|yml|yaml|properties|txt)|kvcache|run");
  private static final Pattern MACHINE_PATH = Pattern.compile("(?<![\\w.~])/(work|root|home)/");

  private static final List<Path> FILES = new ArrayList<>();

  @BeforeAll
  static void listFiles() throws IOException {
    Path root = Path.of("..").toAbsolutePath().normalize();
    assertThat(root.resolve("bench/pom.xml")).exists();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return NOT_OURS.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (TEXT.matcher(file.getFileName().toString()).matches()) {
              FILES.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Test
  void noSourceFileIsLong() throws IOException {
    for (Path file : FILES) {
      if (file.toString().endsWith(".java")) {
        assertThat(Files.readAllLines(file))
            .as(file.toString())
            .hasSizeLessThanOrEqualTo(MOST_LINES);
      }
    }
  }

  @Test
  void noFileNamesAFolderOfOneMachine() throws IOException {
    for (Path file : FILES) {
      String text = Files.readString(file, StandardCharsets.UTF_8);
      assertThat(MACHINE_PATH.matcher(text).results().map(match -> match.group()).toList())
          .as(file.toString())
          .isEmpty();
    }
  }

  @Test
  void everyPolicyIsFoundByItsName() {
    assertThat(PolicyCatalog.all())
        .extracting(PolicySpec::name)
        .doesNotHaveDuplicates()
        .contains(
            "adaptive",
            "hazard",
            "lru",
            "arc",
            "arc-leaf",
            "fifo",
            "lfu",
            "lfu-da",
            "2q",
            "lirs",
            "sieve",
            "s3-fifo",
            "w-tinylfu");
    for (PolicySpec spec : PolicyCatalog.all()) {
      assertThat(PolicyCatalog.named(spec.name()).summary()).isEqualTo(spec.summary());
    }
  }

  @Test
  void everyCommandIsFound() {
    assertThat(ServiceLoader.load(CommandProvider.class))
        .extracting(provider -> provider.getClass().getSimpleName())
        .contains("JmhCommandProvider", "PeersCommandProvider");
  }

  @Test
  void everyServiceFileNamesExistingClasses() throws Exception {
    for (Path file : FILES.isEmpty() ? List.<Path>of() : serviceFiles()) {
      Class<?> service = Class.forName(file.getFileName().toString());
      for (String provider : Files.readAllLines(file)) {
        assertThat(service).as(file.toString()).isAssignableFrom(Class.forName(provider.strip()));
      }
    }
  }

  private static List<Path> serviceFiles() throws IOException {
    var found = new ArrayList<Path>();
    for (String module :
        List.of("adaptive-arc", "quant4bit", "offload-herald", "kernels", "trace-sim", "bench")) {
      Path folder = Path.of("..", module, "src/main/resources/META-INF/services");
      if (Files.isDirectory(folder)) {
        try (var files = Files.list(folder)) {
          files.forEach(found::add);
        }
      }
    }
    assertThat(found).isNotEmpty();
    return found;
  }
}
