package org.kvcache.spi;

import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A way to run attention over encoded blocks, found by {@link ServiceLoader} under a name.
 * Thread-safe; its kernels belong to one thread each. Every backend's result is that of {@code
 * scalar} up to the order of its sums.
 */
public interface AttentionBackend {

  /** The name in configurations. */
  String name();

  /** One line: what it runs on. */
  String summary();

  /** Higher is preferred among those that are available. */
  int priority();

  /** Null if it runs in this process, else one sentence that says what is missing. */
  @Nullable String unavailable();

  /**
   * A kernel for the blocks of one layer and KV head.
   *
   * @param blockTokens rows of a block
   * @param heads query heads that share the KV head and are computed together
   */
  AttentionKernel kernel(BlockCodec codec, int blockTokens, int heads);

  /**
   * A scan of the keys of one layer and KV head.
   *
   * @param queries that are scored together
   */
  default KeyScan scan(BlockCodec codec, int blockTokens, int queries) {
    return new CodecScan(codec, blockTokens, queries);
  }

  /** Every backend on the class path, the preferred one first. */
  static List<AttentionBackend> all() {
    return ServiceLoader.load(AttentionBackend.class).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparingInt(AttentionBackend::priority).reversed())
        .toList();
  }

  /** The preferred one of those available. */
  static AttentionBackend best() {
    return all().stream()
        .filter(backend -> backend.unavailable() == null)
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("no attention backend is on the class path"));
  }

  /**
   * The backend called {@code name}; {@code auto} is {@link #best}.
   *
   * @throws IllegalArgumentException if there is none or it does not run here
   */
  static AttentionBackend named(String name) {
    if (name.equals("auto")) {
      return best();
    }
    List<AttentionBackend> all = all();
    AttentionBackend found =
        all.stream()
            .filter(backend -> backend.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "unknown attention backend '%s'; known: auto, %s"
                        .formatted(
                            name,
                            all.stream()
                                .map(AttentionBackend::name)
                                .collect(Collectors.joining(", ")))));
    String missing = found.unavailable();
    if (missing != null) {
      throw new IllegalArgumentException(
          "attention backend '" + name + "' does not run here: " + missing);
    }
    return found;
  }
}
