package org.kvcache.bench.herald;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The rows for people. */
final class PipelineTable {
  private static final String DETAILED = "%-7s  %-22s  %5s  %9s  %9s  %-5s  %8s  %11s  %7s";
  private static final String COMPACT = "%-10s  %-15s  %7s  %14s  %20s  %7s  %7s  %9s  %9s  %7s";
  private static final String ABSENT = "-";

  private PipelineTable() {}

  /** All ways of one model on one machine; a group is of one context. */
  static List<String> detailed(List<List<PipelineRow>> groups) {
    var lines = new ArrayList<String>();
    lines.add(
        DETAILED.formatted(
            "context",
            "way",
            "batch",
            "ms/block",
            "tok/s",
            "bound",
            "tok/s x",
            "ms at batch",
            "ms x"));
    for (List<PipelineRow> group : groups) {
      lines.add("");
      String context = TokenCount.format(group.getFirst().contextTokens());
      for (PipelineRow row : group) {
        lines.add(
            row.reason() == null
                ? detailed(context, row)
                : "%-7s  %-22s  %s".formatted(context, row.way(), "none: " + row.reason()));
        context = "";
      }
    }
    lines.add("");
    lines.add(
        "tok/s x: throughput over dense's. ms at batch: ms/block at dense's batch. ms x: how many"
            + " times sooner than dense that is.");
    return lines;
  }

  private static String detailed(String context, PipelineRow row) {
    return DETAILED.formatted(
        context,
        row.way(),
        row.batch(),
        number("%.1f", row.blockMillis()),
        number("%,.0f", row.tokensPerSecond()),
        row.bound() == null ? ABSENT : row.bound(),
        number("%.2f", row.throughputRatio()),
        number("%.1f", row.denseBatchBlockMillis()),
        number("%.2f", row.latencyRatio()));
  }

  /** A line for each model, machine and context. */
  static List<String> compact(List<List<PipelineRow>> groups) {
    var lines = new ArrayList<String>();
    lines.add(
        COMPACT.formatted(
            "device",
            "model",
            "context",
            "dense tok/s",
            "herald tok/s",
            "tok/s x",
            "ideas x",
            "dense ms",
            "herald ms",
            "ms x"));
    for (List<PipelineRow> group : groups) {
      PipelineRow dense = group.get(0);
      PipelineRow herald = group.get(1);
      lines.add(
          COMPACT.formatted(
              dense.device(),
              dense.model(),
              TokenCount.format(dense.contextTokens()),
              rate(dense),
              rate(herald),
              number("%.2f", herald.throughputRatio()),
              number("%.2f", group.getLast().throughputRatio()),
              number("%.0f", dense.blockMillis()),
              number("%.0f", herald.denseBatchBlockMillis()),
              number("%.2f", herald.latencyRatio())));
    }
    lines.add("");
    lines.add(
        "In brackets: batch, and what binds. tok/s x: throughput over dense's. ideas x: the same"
            + " with 4-bit scored keys, half of the set reused and pages of 16 tokens.");
    lines.add(
        "ms: per block, at dense's batch. none: does not fit; one model on one device says why.");
    return lines;
  }

  private static String rate(PipelineRow row) {
    if (row.reason() != null) {
      return "none";
    }
    String bound = row.bound() == null ? "" : ", " + row.bound();
    return number("%,.0f", row.tokensPerSecond()) + " (" + row.batch() + bound + ")";
  }

  private static String number(String format, @Nullable Double value) {
    return value == null ? ABSENT : String.format(Locale.ROOT, format, value);
  }
}
