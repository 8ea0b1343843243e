package org.kvcache.spi;

import java.util.List;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The eviction policies of one plug-in module, found by {@link ServiceLoader}. Thread-safe. */
public interface PolicyCatalog {

  /** The policies, in the order in which to list them. */
  List<PolicySpec> policies();

  /** Every policy on the class path, in the order of the catalogues. */
  static List<PolicySpec> all() {
    return ServiceLoader.load(PolicyCatalog.class).stream()
        .flatMap(provider -> provider.get().policies().stream())
        .toList();
  }

  /**
   * The policy called {@code name}.
   *
   * @throws IllegalArgumentException if there is none; the message lists those there are
   */
  static PolicySpec named(String name) {
    var byName = new TreeMap<String, PolicySpec>();
    for (PolicySpec spec : all()) {
      byName.putIfAbsent(spec.name(), spec);
    }
    PolicySpec spec = byName.get(name);
    if (spec == null) {
      throw new IllegalArgumentException(
          "unknown policy '%s'; known: %s"
              .formatted(
                  name,
                  byName.isEmpty()
                      ? "none, put adaptive-arc on the class path"
                      : byName.keySet().stream().collect(Collectors.joining(", "))));
    }
    return spec;
  }
}
