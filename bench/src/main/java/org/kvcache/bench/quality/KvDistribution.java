package org.kvcache.bench.quality;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Five distributions of K, V and Q that bracket what KIVI, KVQuant and users of llama.cpp and vLLM
 * report of real models. {@link #OUTL} and {@link #BIAS} are stress cases, not averages.
 */
enum KvDistribution {
  /** All elements independent, standard normal. */
  GAUSS,
  /** One channel in 32 scaled by 10 to 30, without a mean. */
  OUTL,
  /** One channel in 32 with a mean of ±10 to ±30 and a deviation of 1 to 2, as Qwen's K bias. */
  BIAS,
  /** {@link #BIAS} before a rotary embedding with theta 1e6. */
  ROPE,
  /** Student's t with 4 degrees of freedom, times a lognormal norm for each token. */
  HEAVY;

  /** The name for users. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(KvDistribution::label).toList();
  }

  static KvDistribution labelled(String label) {
    return Arrays.stream(values())
        .filter(distribution -> distribution.label().equals(label))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "unknown distribution '%s'; known: %s"
                    .formatted(label, labels().stream().collect(Collectors.joining(", ")))));
  }
}
