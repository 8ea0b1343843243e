package org.kvcache.sim;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceSource;

/**
 * The traces in {@code shared/traces} of some folder above; tests are skipped where there is none.
 */
public final class SharedTraces {

  private static final ConcurrentHashMap<String, Trace> LOADED = new ConcurrentHashMap<>();

  private SharedTraces() {}

  public static Trace read(String name) {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isDirectory(folder.resolve("shared/traces"))) {
      folder = folder.getParent();
    }
    assumeTrue(folder != null, "no folder above has shared/traces");
    Path file = folder.resolve("shared/traces").resolve(name + ".jsonl.gz");
    assumeTrue(Files.exists(file), () -> "no " + file);
    return LOADED.computeIfAbsent(
        name,
        _ -> {
          try (var reader = TraceSource.open(file.toString(), 0)) {
            return Trace.load(reader, TraceOptions.ALL);
          }
        });
  }
}
