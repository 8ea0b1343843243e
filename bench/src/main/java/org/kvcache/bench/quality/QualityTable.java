package org.kvcache.bench.quality;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Results as text: schemes or formats down, distributions across. ASCII, for every terminal. */
final class QualityTable {
  private QualityTable() {}

  /** All numbers, in three tables. */
  static List<String> of(List<QualityResult> results) {
    var lines = new ArrayList<String>();
    lines.add("error of attention's output (median of queries) | of logits (root mean square)");
    lines.addAll(table(results, List.of(Measure.OUTPUT_ERROR, Measure.LOGIT_ERROR)));
    lines.add("");
    lines.add("relative mean square error of K | of V");
    lines.addAll(table(results, List.of(Measure.KEY_ERROR, Measure.VALUE_ERROR)));
    lines.add("");
    lines.add("mean cosine of K with what it reads as");
    lines.addAll(table(results, List.of(Measure.KEY_COSINE)));
    return lines;
  }

  /** Formats on normal rows. */
  static List<String> ofFormats(List<FormatStudy.Result> results) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("format", "bits", "tokens", "rel. MSE", "cosine"));
    for (FormatStudy.Result result : results) {
      rows.add(
          List.of(
              result.format(),
              number("%.3f", result.bits()),
              Integer.toString(result.rowGroup()),
              number("%.5f", result.relativeError()),
              number("%.5f", result.cosine())));
    }
    return layOut(rows);
  }

  private static List<String> table(List<QualityResult> results, List<Measure> measures) {
    List<String> distributions =
        results.stream().map(QualityResult::distribution).distinct().toList();
    var rows = new ArrayList<List<String>>();
    var head = new ArrayList<>(List.of("scheme", "bits", "calibrated"));
    for (String distribution : distributions) {
      head.add(distribution);
      for (int i = 1; i < measures.size(); i++) {
        head.add("|");
      }
    }
    rows.add(head);
    for (String scheme : results.stream().map(QualityResult::scheme).distinct().toList()) {
      var row = new ArrayList<String>();
      for (QualityResult result : results) {
        if (result.scheme().equals(scheme)) {
          if (row.isEmpty()) {
            row.add(scheme);
            row.add(number("%.3f", result.bits().mean()));
            row.add(result.calibrated() ? "yes" : "-");
          }
          for (Measure measure : measures) {
            row.add(number(measure.format(), measure.of(result.quality())));
          }
        }
      }
      rows.add(row);
    }
    return layOut(rows);
  }

  private static String number(String format, double number) {
    return String.format(Locale.ROOT, format, number);
  }

  private static List<String> layOut(List<List<String>> rows) {
    int[] widths = new int[rows.getFirst().size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    var lines = new ArrayList<String>();
    for (List<String> row : rows) {
      var line = new StringBuilder("  " + pad(row.getFirst(), -widths[0]));
      for (int i = 1; i < widths.length; i++) {
        line.append("  ").append(pad(row.get(i), widths[i]));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  private static String pad(String text, int width) {
    return String.format(Locale.ROOT, "%" + width + "s", text);
  }
}
