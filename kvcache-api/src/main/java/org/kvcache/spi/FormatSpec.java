package org.kvcache.spi;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * A number format for rows of K or V, by name.
 *
 * @param name the name in configurations, lower case
 * @param summary one line: what it stores and where it is specified
 * @param rules the ways to choose its scales, the default first; empty if there is one way only
 * @param factory makes a codec; throws {@link IllegalArgumentException} when the format does not
 *     take such rows
 */
public record FormatSpec(
    String name, String summary, List<String> rules, Function<FormatOptions, TensorCodec> factory) {

  /** Checks the fields. */
  public FormatSpec {
    Objects.requireNonNull(name);
    Objects.requireNonNull(summary);
    Objects.requireNonNull(factory);
    rules = List.copyOf(rules);
  }

  /**
   * A codec of this format.
   *
   * @throws IllegalArgumentException if the rule is not one of {@link #rules} or the format does
   *     not take rows of this length
   */
  public TensorCodec codec(FormatOptions options) {
    String rule = options.rule();
    if (rule.isEmpty()) {
      return factory.apply(rules.isEmpty() ? options : options.withRule(rules.getFirst()));
    }
    if (!rules.contains(rule)) {
      throw new IllegalArgumentException(
          "format '%s' has no rule '%s'; %s"
              .formatted(
                  name,
                  rule,
                  rules.isEmpty() ? "it takes none" : "it takes " + String.join(", ", rules)));
    }
    return factory.apply(options);
  }
}
