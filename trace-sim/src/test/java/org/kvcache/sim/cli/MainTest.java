package org.kvcache.sim.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MainTest {
  @TempDir private Path folder;

  private Process start(String... args) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Xmx1g");
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command)
        .directory(folder.toFile())
        .redirectError(folder.resolve("err").toFile())
        .start();
  }

  @Test
  void simulateWithoutArgumentsNeedsNothing() throws Exception {
    Process process = start("simulate");
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(folder.resolve("err")).isEmptyFile();
    assertThat(out)
        .contains("generated workload", "trace mixed", "lru", "arc", "adaptive", "opt", "50 %")
        .contains("chart: " + folder.toRealPath().resolve("kvcache-simulate.png"));
    assertThat(Files.readAllBytes(folder.resolve("kvcache-simulate.png"))).startsWith(0x89, 'P');
  }

  @Test
  void exitCodeLeavesTheProcess() throws Exception {
    assertThat(start("simulate", "--policy", "nonsense").waitFor()).isEqualTo(2);
    assertThat(folder.resolve("err"))
        .content()
        .startsWith("kvcache: unknown policy")
        .hasLineCount(1);
  }

  @Test
  void aReaderThatGoesAwayIsNoError() {
    var closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    var err = new StringWriter();
    int code = Main.run(new PrintWriter(closed, true), new PrintWriter(err), "policies");
    assertThat(code).isZero();
    assertThat(err.toString()).isEmpty();
  }
}
