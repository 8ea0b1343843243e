package org.kvcache.sim.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kvcache.sim.trace.Histogram;
import org.kvcache.sim.trace.TraceSummary;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a trace holds, as text and as JSON. */
public final class SummaryReport {
  private static final int BAR = 40;
  private static final double MILLIS_PER_MINUTE = 60_000;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private SummaryReport() {}

  /** Lines for a terminal. */
  public static List<String> text(TraceSummary summary) {
    var lines = new ArrayList<String>();
    lines.add("trace " + summary.name());
    add(lines, "digest", summary.digest());
    add(lines, "requests", Numbers.count(summary.requests()));
    add(
        lines,
        "sessions",
        summary.sessions() == 0 ? "not named" : Numbers.count(summary.sessions()));
    add(lines, "duration", minutes(summary.durationMillis()));
    add(lines, "tokens per block", Numbers.count(summary.blockTokens()));
    add(lines, "block references", Numbers.count(summary.blockRefs()));
    add(lines, "unique blocks", Numbers.count(summary.uniqueBlocks()));
    add(lines, "infinite cache hits", Numbers.percent(summary.infiniteHitRate()) + " %");
    add(
        lines,
        "blocks per request",
        String.format(
            Locale.ROOT, "%.1f on average, %,d at most", summary.meanChain(), summary.maxChain()));
    add(lines, "partial blocks", Numbers.percent(summary.partialShare()) + " % of references");
    add(lines, "prompt tokens", Numbers.count(summary.inputTokens()));
    add(lines, "generated tokens", Numbers.count(summary.outputTokens()));
    add(
        lines,
        "reuse distance, other blocks between (LRU stack distance)",
        summary.reuseDistance());
    add(lines, "reuse age, requests between", summary.reuseAgeRequests());
    add(lines, "reuse age, milliseconds between", summary.reuseAgeMillis());
    return lines;
  }

  private static void add(List<String> lines, String name, String value) {
    lines.add(String.format(Locale.ROOT, "  %-20s %s", name, value));
  }

  private static void add(List<String> lines, String title, Histogram histogram) {
    long total = histogram.total();
    lines.add("");
    lines.add(title);
    if (total == 0) {
      lines.add("  no block is reused");
      return;
    }
    long most = histogram.counts().stream().mapToLong(Long::longValue).max().orElse(1);
    int bucket = 0;
    while (histogram.counts().get(bucket) == 0) {
      bucket++;
    }
    long sum = 0;
    for (; bucket < histogram.counts().size(); bucket++) {
      long count = histogram.counts().get(bucket);
      sum += count;
      String bar = "#".repeat((int) Math.ceilDiv(count * BAR, most));
      lines.add(
          String.format(
                  Locale.ROOT,
                  "  up to %,15d  %6.2f %%  %6.2f %% in all  %s",
                  Histogram.highest(bucket),
                  100.0 * count / total,
                  100.0 * sum / total,
                  bar)
              .stripTrailing());
    }
  }

  private static String minutes(double millis) {
    return String.format(Locale.ROOT, "%,.1f min", millis / MILLIS_PER_MINUTE);
  }

  /** A document with a schema version and units. */
  public static String json(List<TraceSummary> summaries, String version) {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("schemaVersion", JsonReport.SCHEMA_VERSION);
    document.put("kvcacheVersion", version);
    ArrayNode traces = document.putArray("traces");
    for (TraceSummary summary : summaries) {
      ObjectNode node = traces.addObject();
      node.put("name", summary.name())
          .put("digest", summary.digest())
          .put("requests", summary.requests())
          .put("sessions", summary.sessions())
          .put("durationMillis", summary.durationMillis())
          .put("blockTokens", summary.blockTokens())
          .put("blockRefs", summary.blockRefs())
          .put("uniqueBlocks", summary.uniqueBlocks())
          .put("infiniteHitRate", summary.infiniteHitRate())
          .put("maxChain", summary.maxChain())
          .put("partialBlocks", summary.partialBlocks())
          .put("inputTokens", summary.inputTokens())
          .put("outputTokens", summary.outputTokens());
      add(node.putObject("reuseDistance"), summary.reuseDistance());
      add(node.putObject("reuseAgeRequests"), summary.reuseAgeRequests());
      add(node.putObject("reuseAgeMillis"), summary.reuseAgeMillis());
    }
    return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document) + "\n";
  }

  private static void add(ObjectNode node, Histogram histogram) {
    node.put("unit", histogram.unit());
    ArrayNode buckets = node.putArray("buckets");
    for (int bucket = 0; bucket < histogram.counts().size(); bucket++) {
      buckets
          .addObject()
          .put("from", Histogram.lowest(bucket))
          .put("to", Histogram.highest(bucket))
          .put("count", histogram.counts().get(bucket));
    }
  }
}
