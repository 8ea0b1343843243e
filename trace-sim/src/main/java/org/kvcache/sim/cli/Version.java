package org.kvcache.sim.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {

  /** Kvcache's version. */
  static String kvcache() {
    // Not from the manifest: the launcher runs class folders, which have none.
    try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
      return in == null ? "unknown" : new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** The JDK that runs. */
  static String jdk() {
    return "%s (%s), %s %s"
        .formatted(
            Runtime.version(),
            System.getProperty("java.vendor"),
            System.getProperty("os.name"),
            System.getProperty("os.arch"));
  }

  @Override
  public String[] getVersion() {
    return new String[] {"kvcache " + kvcache(), "JDK " + jdk()};
  }
}
