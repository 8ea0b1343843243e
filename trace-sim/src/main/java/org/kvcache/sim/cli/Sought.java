package org.kvcache.sim.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a search for capacity looks for. */
enum Sought {
  /** The highest request rate. */
  RATE,
  /** The fewest replicas. */
  DEVICES,
  /** The smallest cache. */
  CACHE;

  /**
   * What the user wrote.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  static Sought parse(String text) {
    return Arrays.stream(values())
        .filter(sought -> sought.label().equals(text.strip().toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "--find '%s' is unknown; known: %s"
                    .formatted(
                        text,
                        Arrays.stream(values())
                            .map(Sought::label)
                            .collect(Collectors.joining(", ")))));
  }

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
