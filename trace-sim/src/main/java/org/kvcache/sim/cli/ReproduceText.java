package org.kvcache.sim.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.kvcache.sim.report.TextTable;
import org.kvcache.sim.reproduce.Claim;
import org.kvcache.sim.reproduce.StudyResult;

/** What {@code reproduce} prints. */
final class ReproduceText {
  private ReproduceText() {}

  /** Assumptions, the table, and each published figure beside ours. */
  static List<String> lines(StudyResult result) {
    var lines = new ArrayList<String>();
    lines.add("");
    lines.add("== " + result.title());
    result.assumptions().forEach(line -> lines.add("   " + line));
    lines.add("");
    var table = new ArrayList<List<String>>();
    table.add(result.columns());
    table.addAll(result.rows());
    TextTable.lines(table).forEach(line -> lines.add("   " + line));
    lines.add("");
    for (Claim claim : result.claims()) {
      lines.add(claim.what() + ":");
      lines.add(
          "   paper %s, ours %s (all settings: %s to %s), %s"
              .formatted(
                  figure(claim, claim.published()),
                  figure(claim, claim.ours()),
                  figure(claim, claim.least()),
                  figure(claim, claim.most()),
                  claim.sameDirection() ? "same direction" : "OTHER DIRECTION"));
      lines.add("   ours: " + claim.setting());
      lines.add("   what makes the difference: " + claim.difference());
    }
    return lines;
  }

  private static String figure(Claim claim, double value) {
    return switch (claim.unit()) {
      case "x" -> String.format(Locale.ROOT, "%.2fx", value);
      case "%" -> String.format(Locale.ROOT, "%+.1f %%", value);
      default -> String.format(Locale.ROOT, "%+.1f %s", value, claim.unit());
    };
  }
}
