package org.kvcache.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The class path that has the peers, which are test dependencies: this JVM's own if they are on it,
 * else what Maven says, once.
 */
final class PeerClassPath {

  /* Maven works in the launcher's output folder, where all but the test classes of this module is
   * up to date already, and writes the class path of the profile "peers-classpath" there. */
  private static final String OUTPUT = "target/launcher";

  private static final List<String> MAVEN =
      List.of(
          "mvn",
          "-B",
          "-ntp",
          "-q",
          "-pl",
          "bench",
          "-am",
          "process-test-classes",
          "-Ppeers,peers-classpath",
          "-Dkvcache.launcher=true",
          "-Dkvcache.target=" + OUTPUT,
          "-Dkvcache.format.skip=true",
          "-Denforcer.skip=true",
          "-Djacoco.skip=true",
          "-Dmaven.test.skip=true");

  private final Path root;

  private PeerClassPath(Path root) {
    this.root = root;
  }

  /**
   * The class path to start a JVM with.
   *
   * @param say told what takes long
   * @throws IllegalArgumentException if it cannot be had; the message says what to do
   */
  static String find(Runnable say) {
    String own = System.getProperty("java.class.path");
    if (ServiceLoader.load(PeerLibrary.class).iterator().hasNext()) {
      return own;
    }
    Path root =
        sourceRoot()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "the peers are test dependencies; run ./kvcache peers in a checkout of the"
                        + " sources"));
    try {
      return own + File.pathSeparator + new PeerClassPath(root).ask(say);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "cannot run Maven for the class path of the peers (%s); is mvn on the PATH?"
              .formatted(e.getMessage()),
          e);
    }
  }

  private static Optional<Path> sourceRoot() {
    @Nullable CodeSource source = PeerClassPath.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return Optional.empty();
    }
    Path folder = Path.of(source.getLocation().getPath()).toAbsolutePath();
    return Stream.iterate(folder, at -> at != null, Path::getParent)
        .filter(at -> Files.isRegularFile(at.resolve("bench/pom.xml")))
        .findFirst();
  }

  private String ask(Runnable say) throws IOException {
    Path answer = root.resolve("bench").resolve(OUTPUT).resolve("peers-classpath.txt");
    if (!isUpToDate(answer)) {
      say.run();
      runMaven();
    }
    return root.resolve("bench").resolve(OUTPUT).resolve("test-classes")
        + File.pathSeparator
        + Files.readString(answer).strip();
  }

  private boolean isUpToDate(Path answer) throws IOException {
    if (!Files.isRegularFile(answer)) {
      return false;
    }
    FileTime asked = Files.getLastModifiedTime(answer);
    var sources =
        new ArrayList<Path>(List.of(root.resolve("pom.xml"), root.resolve("bench/pom.xml")));
    try (Stream<Path> files = Files.walk(root.resolve("bench/src"))) {
      files.filter(Files::isRegularFile).forEach(sources::add);
    }
    for (Path source : sources) {
      if (Files.getLastModifiedTime(source).compareTo(asked) > 0) {
        return false;
      }
    }
    String[] entries = Files.readString(answer).strip().split(File.pathSeparator, -1);
    return Stream.of(entries).allMatch(entry -> Files.exists(Path.of(entry)));
  }

  private void runMaven() throws IOException {
    Path log = root.resolve("target/kvcache-peers.log");
    Files.createDirectories(root.resolve("target"));
    var builder = new ProcessBuilder(MAVEN).directory(root.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    try {
      if (builder.start().waitFor() != 0) {
        throw new IllegalArgumentException(
            "Maven could not get the peers; its output is in %s".formatted(log));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalArgumentException("interrupted while Maven was getting the peers", e);
    }
  }
}
