package org.kvcache.sim.trace;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the columns of an Azure LLM inference trace lie. Their order and case, quotes, blanks and
 * further columns do not matter.
 *
 * @param time column of {@code TIMESTAMP}, counted from 1, or 0 if there is none
 * @param context column of {@code ContextTokens}, or 0
 * @param generated column of {@code GeneratedTokens}, or 0
 */
record AzureHeader(int time, int context, int generated) {
  static final String TIME = "TIMESTAMP";
  static final String CONTEXT = "ContextTokens";
  static final String GENERATED = "GeneratedTokens";

  /** What the first line of a file names. */
  static AzureHeader of(String line) {
    int time = 0;
    int context = 0;
    int generated = 0;
    int column = 0;
    for (String name : line.split(",", -1)) {
      column++;
      switch (name.replace('"', ' ').strip().toLowerCase(Locale.ROOT)) {
        case "timestamp" -> time = column;
        case "contexttokens" -> context = column;
        case "generatedtokens" -> generated = column;
        default -> {}
      }
    }
    return new AzureHeader(time, context, generated);
  }

  boolean complete() {
    return time > 0 && context > 0 && generated > 0;
  }

  /** The names that the line lacks, for messages. */
  String missing() {
    return Stream.of(
            time > 0 ? "" : TIME, context > 0 ? "" : CONTEXT, generated > 0 ? "" : GENERATED)
        .filter(name -> !name.isEmpty())
        .collect(Collectors.joining(", "));
  }
}
