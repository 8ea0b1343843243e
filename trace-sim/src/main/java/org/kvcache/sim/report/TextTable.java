package org.kvcache.sim.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Cells in columns: the first to the left, all others to the right. */
public final class TextTable {
  private TextTable() {}

  /** One line per row; all rows have as many cells as the first. */
  public static List<String> lines(List<List<String>> rows) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var lines = new ArrayList<String>();
    for (List<String> row : rows) {
      var line = new StringBuilder(pad(row.getFirst(), -widths[0]));
      for (int i = 1; i < widths.length; i++) {
        line.append("  ").append(pad(row.get(i), widths[i]));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  private static String pad(String text, int width) {
    return width == 0 ? text : String.format(Locale.ROOT, "%" + width + "s", text);
  }
}
