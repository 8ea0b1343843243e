package org.kvcache.sim.report.serving;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.kvcache.sim.metrics.Interval;
import org.kvcache.sim.report.Numbers;
import org.kvcache.sim.report.TextTable;

/** Figures down, configurations across. ASCII, so that every terminal shows it. */
public final class ServingTable {
  private static final int WIDTH = 100;
  private static final int LONGEST_LABEL = 18;
  private static final List<ServingFigure> BY_ROUND =
      List.of(ServingFigure.TTFT_P50, ServingFigure.TTFT_P99, ServingFigure.HITS);

  private final ServingResults results;
  private final List<String> columns;

  private ServingTable(ServingResults results) {
    this.results = results;
    List<String> labels = results.configs().stream().map(ConfigResults::label).toList();
    boolean fit = labels.stream().allMatch(label -> label.length() <= LONGEST_LABEL);
    columns =
        fit ? labels : IntStream.rangeClosed(1, labels.size()).mapToObj(i -> "#" + i).toList();
  }

  /**
   * Lines for a terminal, of 100 columns at most for up to three configurations: all figures, their
   * ratios to the first configuration, what changes by round, and what was left out as warm-up.
   * With several seeds a figure is the mean over them and half the width of its interval.
   */
  public static List<String> lines(ServingResults results) {
    return new ServingTable(results).lines();
  }

  private List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add(results.trace().name() + ", " + results.note().load());
    for (int i = 0; i < columns.size(); i++) {
      String label = results.configs().get(i).label();
      if (!columns.get(i).equals(label)) {
        lines.add(columns.get(i) + " is " + label);
      }
    }
    lines.add("");
    lines.addAll(figures());
    if (columns.size() > 1) {
      lines.add("");
      lines.addAll(ratios());
    }
    List<String> rounds = results.rounds();
    if (rounds.size() > 1) {
      for (ServingFigure figure : BY_ROUND) {
        lines.add("");
        lines.addAll(byRound(figure, rounds));
      }
    }
    lines.add("");
    lines.addAll(WarmUpText.lines(results));
    return lines;
  }

  private List<String> figures() {
    var rows = new ArrayList<List<String>>();
    rows.add(row(title(), columns));
    var zeros = new ArrayList<String>();
    boolean whole = false;
    for (ServingFigure figure : ServingFigure.values()) {
      if (isZero(figure)) {
        zeros.add(figure.title());
        continue;
      }
      if (figure.scope() == ServingFigure.Scope.WHOLE_RUN && !whole) {
        whole = true;
        rows.add(row("warm-up included", Collections.nCopies(columns.size(), "")));
      }
      List<String> cells =
          results.configs().stream()
              .map(config -> config.interval(figure::of, results.note().confidence()))
              .map(interval -> FigureText.of(figure.unit(), interval))
              .toList();
      rows.add(row("  " + figure.title(), cells));
    }
    List<String> lines = TextTable.lines(rows);
    lines.addAll(wrapped("0 in all runs:", zeros));
    return lines;
  }

  private String title() {
    return results.seeds() == 1
        ? "seed " + results.configs().getFirst().seeds().getFirst()
        : "%d seeds, +- %s".formatted(results.seeds(), confidence());
  }

  private String confidence() {
    return Numbers.share(results.note().confidence());
  }

  private boolean isZero(ServingFigure figure) {
    return results.configs().stream()
        .flatMap(config -> config.runs().stream())
        .allMatch(run -> figure.of(run) == 0);
  }

  private List<String> ratios() {
    String title = "ratio to first" + (results.seeds() == 1 ? "" : ", " + confidence());
    var rows = new ArrayList<List<String>>();
    rows.add(row(title, columns.subList(1, columns.size())));
    List<ConfigResults> others = results.configs().subList(1, columns.size());
    for (ServingFigure figure : ServingFigure.values()) {
      if (!isZero(figure)) {
        rows.add(
            row(
                "  " + figure.title(),
                others.stream().map(config -> ratio(config, figure)).toList()));
      }
    }
    return TextTable.lines(rows);
  }

  private String ratio(ConfigResults config, ServingFigure figure) {
    Optional<Interval> ratio = results.ratioToFirst(config, figure);
    return ratio.map(FigureText::ratio).orElse(FigureText.NONE)
        + ratio.map(interval -> verdict(interval, figure)).orElse("");
  }

  /** Only where the interval leaves no doubt; as wide in any case, so that numbers align. */
  private static String verdict(Interval ratio, ServingFigure figure) {
    if (Double.isNaN(ratio.low())) {
      return "";
    }
    boolean lower = ratio.high() < 1;
    boolean higher = ratio.low() > 1;
    return switch (figure.better()) {
      case LOWER -> lower ? " better" : higher ? " worse " : "       ";
      case HIGHER -> higher ? " better" : lower ? " worse " : "       ";
      case NEITHER -> "       ";
    };
  }

  private List<String> byRound(ServingFigure figure, List<String> rounds) {
    var rows = new ArrayList<List<String>>();
    rows.add(row(figure.title() + " by round", columns));
    for (String round : rounds) {
      List<String> cells =
          results.configs().stream()
              .map(config ->
                  config.interval(
                      ConfigResults.ofRound(round, figure), results.note().confidence()))
              .map(interval -> FigureText.of(figure.unit(), interval))
              .toList();
      rows.add(row("  " + round, cells));
    }
    return TextTable.lines(rows);
  }

  private static List<String> row(String title, List<String> cells) {
    var row = new ArrayList<String>();
    row.add(title);
    row.addAll(cells);
    return row;
  }

  private static List<String> wrapped(String title, List<String> words) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder("  " + title);
    for (int i = 0; i < words.size(); i++) {
      String word = " " + words.get(i) + (i < words.size() - 1 ? "," : "");
      if (line.length() + word.length() > WIDTH) {
        lines.add(line.toString());
        line = new StringBuilder("   ");
      }
      line.append(word);
    }
    if (!words.isEmpty()) {
      lines.add(line.toString());
    }
    return lines;
  }
}
