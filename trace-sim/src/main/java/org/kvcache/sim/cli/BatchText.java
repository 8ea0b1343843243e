package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import org.kvcache.ByteSize;
import org.kvcache.sim.report.Numbers;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.serving.Order;

/** What {@code batch} prints. */
final class BatchText {
  private static final String ROW = "  %-14s %-14s %13s %10s %16s %12s %14s %8s%n";

  private BatchText() {}

  static void head(PrintWriter out, BatchPlan plan, boolean builtIn) {
    out.printf(
        "kvcache %s, seed %d, %s on %s%s: %s per token%n",
        Version.kvcache(),
        plan.seed(),
        plan.model().name(),
        plan.device().name(),
        plan.scheme().isEmpty() ? "" : ", " + plan.scheme(),
        ByteSize.format(plan.model().kvBytesPerToken()));
    if (plan.orders().contains(Order.LONGEST_PREFIX)) {
      out.printf(
          "%s depends on what is cached, so opt, which knows the order, has no row for it%n",
          Order.LONGEST_PREFIX.label());
    }
    if (builtIn) {
      out.println("generated workload; for your own: kvcache batch --trace FILE.jsonl.gz");
    }
  }

  static void trace(PrintWriter out, TraceInfo trace) {
    out.println();
    out.printf("trace %s, digest %s%n", trace.name(), trace.digest());
    out.printf(
        "%s requests, %s block refs, %s unique blocks of %d tokens%n",
        Numbers.count(trace.requests()),
        Numbers.count(trace.blockRefs()),
        Numbers.count(trace.uniqueBlocks()),
        trace.blockTokens());
    out.flush();
  }

  static void table(PrintWriter out, TraceInfo trace, BatchPlan plan, BatchTable table) {
    int blocks = table.capacityBlocks();
    int refused = table.results().getFirst().refused();
    double bytes = plan.model().kvBytesPerToken() * trace.blockTokens() * (double) blocks;
    out.println();
    out.printf(
        "cache of %s blocks (%s of the unique blocks, %s)%s%n",
        Numbers.count(blocks),
        Numbers.share(trace.share(blocks)),
        ByteSize.format(bytes),
        refused == 0
            ? ""
            : "; requests longer than it, which are refused: " + Numbers.count(refused));
    out.printf(
        ROW,
        "policy",
        "order",
        "token hits, %",
        "below opt",
        "computed tokens",
        "makespan, s",
        "of lru arrival",
        "of opt");
    Set<BatchPlan.Cell> asked = plan.asked();
    for (BatchResult result : table.results()) {
      if (asked.contains(result.cell())) {
        row(out, table, result);
      }
    }
    out.flush();
  }

  private static void row(PrintWriter out, BatchTable table, BatchResult result) {
    OptionalDouble below = table.belowOptimum(result);
    OptionalDouble ofOptimum = table.ofOptimum(result);
    out.printf(
        ROW,
        result.cell().policy(),
        result.cell().order().label(),
        Numbers.percent(result.tokenHitRate()),
        below.isEmpty() ? "-" : Numbers.percent(below.getAsDouble()),
        Numbers.count(result.computedTokens()),
        number("%,.1f", result.makespanSeconds()),
        number("%.3f", table.ofBaseline(result)),
        ofOptimum.isEmpty() ? "-" : number("%.3f", ofOptimum.getAsDouble()));
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
