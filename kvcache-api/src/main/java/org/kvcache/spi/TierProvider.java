package org.kvcache.spi;

import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * A kind of tier, found by {@link ServiceLoader} under the name that configuration files use.
 * Thread-safe.
 */
public interface TierProvider {

  /** The name: {@code disk}, {@code redis}. */
  String name();

  /** One line: what it is. */
  String summary();

  /**
   * A tier from a configuration file.
   *
   * @param settings its fields, numbers and truth values as text; every one must be known
   * @throws IllegalArgumentException naming the field that is unknown, missing or wrong
   */
  TierSpec spec(Map<String, String> settings);

  /** Every kind on the class path. */
  static List<TierProvider> all() {
    return ServiceLoader.load(TierProvider.class).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  /**
   * The kind called {@code name}.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  static TierProvider named(String name) {
    List<TierProvider> all = all();
    return all.stream()
        .filter(provider -> provider.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown tier '%s'; known: %s"
                    .formatted(
                        name,
                        all.isEmpty()
                            ? "none, put offload-herald on the class path"
                            : all.stream()
                                .map(TierProvider::name)
                                .collect(Collectors.joining(", ")))));
  }
}
