package org.kvcache.spi;

import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * A way to choose which part of a long prefix a block of queries attends to, found by {@link
 * ServiceLoader} under a name. Thread-safe.
 */
public interface BlockRetriever {

  /** The name in configurations. */
  String name();

  /** One line: what it does and the paper it follows. */
  String summary();

  /** True if it chooses anew on every denoising step, false if once for each block. */
  default boolean everyStep() {
    return false;
  }

  /** Chooses for one layer and KV head of one sequence. */
  PageSelector selector(SelectorContext context);

  /** Every retriever on the class path. */
  static List<BlockRetriever> all() {
    return ServiceLoader.load(BlockRetriever.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  /**
   * The retriever called {@code name}.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  static BlockRetriever named(String name) {
    List<BlockRetriever> all = all();
    return all.stream()
        .filter(retriever -> retriever.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown retriever '%s'; known: %s"
                    .formatted(
                        name,
                        all.isEmpty()
                            ? "none, put offload-herald on the class path"
                            : all.stream()
                                .map(BlockRetriever::name)
                                .collect(Collectors.joining(", ")))));
  }
}
