package org.kvcache.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.kvcache.sim.cli.Main;
import tools.jackson.databind.json.JsonMapper;

/**
 * Measures in a JVM of its own, so that each policy is compiled as in a server that runs only that
 * one: calls through the policy interface have one receiver.
 */
final class PeerJvm {

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final String classPath;

  PeerJvm(String classPath) {
    this.classPath = classPath;
  }

  /** One line of the child's output. */
  static String line(PeerResult result) {
    return MAPPER.writeValueAsString(result);
  }

  /**
   * Runs {@code kvcache} with {@code arguments} and this JVM's flags.
   *
   * @param each told each result as it comes
   * @return the exit code
   */
  int run(List<String> arguments, Consumer<PeerResult> each) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-cp", classPath, Main.class.getName()));
    command.addAll(arguments);
    var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    try {
      Process child = builder.start();
      // Ctrl-C reaches the child too, but whatever else ends this JVM does not.
      Runtime.getRuntime().addShutdownHook(new Thread(child::destroy));
      try (var out =
          new BufferedReader(
              new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          if (line.startsWith("{")) {
            each.accept(MAPPER.readValue(line, PeerResult.class));
          }
        }
      }
      return child.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalArgumentException("interrupted", e);
    }
  }
}
