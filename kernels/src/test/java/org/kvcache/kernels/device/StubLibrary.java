package org.kvcache.kernels.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Libraries and programs from C sources, for tests that stand in for a vendor's runtime. */
public final class StubLibrary {

  private StubLibrary() {}

  public static Path build(Path folder, String library, String source, String... options) {
    try {
      Path file = Files.createTempFile(folder, "stub", ".c");
      Files.writeString(file, source);
      Path to = folder.resolve(library);
      var command = new ArrayList<>(List.of("gcc", "-shared", "-fPIC", "-w"));
      command.addAll(List.of(options));
      command.addAll(List.of(file.toString(), "-o", to.toString()));
      assertThat(run(command)).isEmpty();
      return to;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public static String source(Class<?> beside, String name) throws IOException {
    try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  public static void assumeCompiler(String name) {
    boolean found;
    try {
      found = new ProcessBuilder(name, "--version").start().waitFor() == 0;
    } catch (IOException e) {
      found = false;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assumeTrue(found, name + " is not on the PATH");
  }

  /** Runs a program that must succeed; returns what it printed. */
  public static String run(List<String> command) throws IOException {
    return run(new ProcessBuilder(command));
  }

  public static String run(ProcessBuilder builder) throws IOException {
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(process.exitValue()).as(output).isZero();
    return output;
  }
}
