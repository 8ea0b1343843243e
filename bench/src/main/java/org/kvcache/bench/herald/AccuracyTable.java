package org.kvcache.bench.herald;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The rows as text: a line for each method, budgets across. ASCII, for every terminal. */
final class AccuracyTable {

  private static final String ABSENT = "-";

  private AccuracyTable() {}

  /** Everything, scheme by scheme. */
  static List<String> of(List<AccuracyRow> rows, List<Double> budgets) {
    var lines = new ArrayList<String>();
    boolean kept = rows.stream().anyMatch(row -> row.oneKept() != null);
    for (String scheme : rows.stream().map(AccuracyRow::scheme).distinct().toList()) {
      List<AccuracyRow> some = rows.stream().filter(row -> row.scheme().equals(scheme)).toList();
      add(
          lines,
          scheme + ": right blocks (columns), one needle | two",
          some,
          budgets,
          row -> {
            String one = number("%.2f", row.oneBlocks()) + number("(%.2f)", row.oneColumns());
            return one
                + " | "
                + number("%.2f", row.twoBlocks())
                + number("(%.2f)", row.twoColumns());
          });
      if (kept) {
        add(
            lines,
            scheme + ": attention kept, one needle | two; tokens asked",
            some,
            budgets,
            row ->
                number("%.3f", row.oneKept())
                    + " | "
                    + number("%.3f", row.twoKept())
                    + "; "
                    + number("%.1f", row.asked()));
      }
      add(
          lines,
          scheme + ": keys scored and pages chosen for a block; share of these moved; time hidden",
          some,
          budgets,
          row ->
              number("%.0f", row.scannedKeys())
                  + " "
                  + number("%.0f", row.wantedPages())
                  + "; "
                  + percent(row.movedShare())
                  + "; "
                  + percent(row.hiddenShare()));
    }
    return lines;
  }

  private static void add(
      List<String> lines,
      String title,
      List<AccuracyRow> rows,
      List<Double> budgets,
      Function<AccuracyRow, String> cell) {
    if (!lines.isEmpty()) {
      lines.add("");
    }
    lines.add(title);
    var table = new ArrayList<List<String>>();
    var head = new ArrayList<>(List.of("method"));
    budgets.forEach(budget -> head.add(share(budget)));
    table.add(head);
    for (String method : rows.stream().map(AccuracyRow::method).distinct().toList()) {
      var line = new ArrayList<>(List.of(method));
      List<AccuracyRow> some = rows.stream().filter(row -> row.method().equals(method)).toList();
      // What sees everything has one row, which goes for all budgets.
      for (int i = 0; i < budgets.size(); i++) {
        line.add(cell.apply(some.get(Math.min(i, some.size() - 1))));
      }
      table.add(line);
    }
    lines.addAll(layOut(table));
  }

  /** As people write a budget. */
  static String share(double budget) {
    String text = String.format(Locale.ROOT, "%.2f", 100 * budget);
    return text.replaceAll("\\.?0+$", "") + "%";
  }

  private static String number(String format, @Nullable Double number) {
    return number == null ? ABSENT : String.format(Locale.ROOT, format, number);
  }

  private static String percent(@Nullable Double share) {
    return share == null ? ABSENT : String.format(Locale.ROOT, "%.0f%%", 100 * share);
  }

  private static List<String> layOut(List<List<String>> table) {
    int[] widths = new int[table.getFirst().size()];
    for (List<String> line : table) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    var lines = new ArrayList<String>();
    for (List<String> cells : table) {
      var line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append("  ").append(cells.get(i)).repeat(" ", widths[i] - cells.get(i).length());
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
