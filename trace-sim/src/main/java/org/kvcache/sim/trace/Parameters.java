package org.kvcache.sim.trace;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.StringJoiner;

/**
 * The {@code key=value,…} part of a trace specification. Each getter names a parameter, its default
 * and its bounds; {@link #end} then rejects what no getter asked for and lists what there is.
 */
final class Parameters {
  private final String owner;
  private final Map<String, String> given = new LinkedHashMap<>();
  private final StringJoiner known = new StringJoiner(", ");

  /** Parses {@code text}; {@code owner} is the generator or format that messages blame. */
  Parameters(String owner, String text) {
    this.owner = owner;
    for (String pair : text.isBlank() ? new String[0] : text.split(",")) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw new TraceException(
            owner + ": '" + pair + "' is not a parameter; write key=value, separated by commas");
      }
      String key = pair.substring(0, equals).strip();
      if (given.put(key, pair.substring(equals + 1).strip()) != null) {
        throw new TraceException(owner + ": parameter '" + key + "' is given twice; keep one");
      }
    }
  }

  /** A whole number within bounds. */
  int whole(String key, int fallback, int min, int max) {
    return whole(key, Integer.toString(fallback), min, max);
  }

  private int whole(String key, String fallback, int min, int max) {
    String text = take(key, fallback);
    try {
      long value = Long.parseLong(text);
      if (value >= min && value <= max) {
        return (int) value;
      }
    } catch (NumberFormatException ignored) {
      // Falls through to the sentence below, which fits both mistakes.
    }
    throw wrong(key, text, "a whole number from " + min + " to " + max);
  }

  /** A whole number within bounds, or empty for {@code auto}, which is the default. */
  OptionalInt wholeOrAuto(String key, int min, int max) {
    if (given.getOrDefault(key, "auto").equalsIgnoreCase("auto")) {
      take(key, "auto");
      return OptionalInt.empty();
    }
    return OptionalInt.of(whole(key, "auto", min, max));
  }

  /** A real number within bounds. */
  double real(String key, double fallback, double min, double max) {
    String text = take(key, number(fallback));
    try {
      double value = Double.parseDouble(text);
      if (value >= min && value <= max) {
        return value;
      }
    } catch (NumberFormatException ignored) {
      // As above.
    }
    throw wrong(key, text, "a number from " + number(min) + " to " + number(max));
  }

  /** True or false. */
  boolean flag(String key, boolean fallback) {
    String text = take(key, Boolean.toString(fallback)).toLowerCase(Locale.ROOT);
    return switch (text) {
      case "true", "yes", "1" -> true;
      case "false", "no", "0" -> false;
      default -> throw wrong(key, text, "true or false");
    };
  }

  /** One of the constants of an enum, by its name in lower case. */
  <E extends Enum<E>> E choice(String key, E fallback) {
    String text = take(key, fallback.name().toLowerCase(Locale.ROOT));
    var choices = new StringJoiner(", ");
    for (E constant : fallback.getDeclaringClass().getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(text)) {
        return constant;
      }
      choices.add(constant.name().toLowerCase(Locale.ROOT));
    }
    throw wrong(key, text, "one of " + choices);
  }

  /** Any text. */
  String text(String key, String fallback) {
    return take(key, fallback);
  }

  /** Fails on parameters that no getter took. */
  void end() {
    if (!given.isEmpty()) {
      throw new TraceException(
          owner
              + ": unknown parameter '"
              + given.keySet().iterator().next()
              + "'; it knows "
              + (known.length() == 0 ? "none" : known + " (with their defaults)"));
    }
  }

  /** Every parameter asked for so far, with its default. */
  String known() {
    return known.toString();
  }

  private String take(String key, String fallback) {
    known.add(key + "=" + fallback);
    String text = given.remove(key);
    return (text == null) ? fallback : text;
  }

  private TraceException wrong(String key, String text, String expected) {
    return new TraceException(
        owner + ": parameter '" + key + "' is '" + text + "'; it must be " + expected);
  }

  private static String number(double value) {
    return (value == Math.rint(value) && Math.abs(value) < 1e15)
        ? Long.toString((long) value)
        : Double.toString(value);
  }
}
