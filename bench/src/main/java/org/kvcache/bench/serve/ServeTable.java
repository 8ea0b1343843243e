package org.kvcache.bench.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kvcache.ByteSize;
import org.kvcache.TierStats;

/** The result for people. */
final class ServeTable {

  private ServeTable() {}

  static List<String> of(ServeResult result) {
    var lines = new ArrayList<String>();
    ServeRun without = result.without();
    ServeRun with = result.with();
    lines.add(row("", "flat float32, unshared", "kvcache " + result.scheme()));
    lines.add(row("prompt tokens", count(without.promptTokens()), count(with.promptTokens())));
    lines.add(row("  computed", count(without.computedTokens()), count(with.computedTokens())));
    lines.add(row("  found in memory", "0", share(result, result.memoryTokens())));
    for (TierStats tier : result.tiers()) {
      lines.add(row("  found on " + tier.name(), "0", share(result, tier.loadedTokens())));
    }
    lines.add(row("time to first token, p50", millis(without, 0.5), millis(with, 0.5)));
    lines.add(row("time to first token, p99", millis(without, 0.99), millis(with, 0.99)));
    lines.add(
        row(
            "KV bytes, all sessions open",
            ByteSize.format((double) result.flatBytes()),
            ByteSize.format((double) result.stats().memoryBytes())));
    for (TierStats tier : result.tiers()) {
      lines.add(row("KV bytes on " + tier.name(), "0 B", ByteSize.format((double) tier.bytes())));
    }
    int requests = with.served().size();
    lines.add(
        row(
            "answers right",
            without.right() + " of " + requests,
            with.right() + " of " + requests));
    lines.add("");
    lines.add(
        "%s answers are equal; the first token comes %.1f times sooner at p50, %.1f at p99."
            .formatted(
                with.equalTo(without) == requests
                    ? "All " + requests
                    : with.equalTo(without) + " of " + requests,
                result.speedup(0.5),
                result.speedup(0.99)));
    return lines;
  }

  private static String row(String name, String without, String with) {
    return "%-28s  %22s  %22s".formatted(name, without, with).stripTrailing();
  }

  private static String count(long tokens) {
    return String.format(Locale.ROOT, "%,d", tokens);
  }

  private static String share(ServeResult result, long tokens) {
    return String.format(Locale.ROOT, "%,d (%.1f %%)", tokens, 100 * result.share(tokens));
  }

  private static String millis(ServeRun run, double share) {
    return String.format(Locale.ROOT, "%,.1f ms", run.firstTokenMillis(share));
  }
}
