package org.kvcache.sim.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.Charts;
import org.kvcache.sim.report.CsvReport;
import org.kvcache.sim.report.JsonReport;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.report.Results;
import picocli.CommandLine.Option;

/** The options that say where results go. */
final class OutputArguments {
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the results as JSON, with a schema version and units.")
  @Nullable String json;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description =
          "Write the results as CSV (RFC 4180), in the columns of the JSON; rates are 0 to 1.")
  @Nullable String csv;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = {
        "Draw hit rate over capacity with both bounds into a .png, a .svg, or a self-contained"
            + " .html with tables and data.",
      })
  @Nullable String chart;

  @Option(
      names = "--state",
      paramLabel = "FILE",
      description = {
        "Follow the policies' inner state over the run (sizes of T1, T2, B1, B2 and p of ARC, the"
            + " leader of adaptive, ...) and draw it (.png, .svg) or write it (.csv, .json).",
      })
  @Nullable String state;

  @Option(
      names = "--state-points",
      paramLabel = "N",
      defaultValue = "200",
      description = "Moments at which --state looks. Default: ${DEFAULT-VALUE}.")
  int statePoints;

  @Option(names = "--tokens", description = "Print a table of token hit rates too.")
  boolean tokens;

  @Option(
      names = "--speed",
      description = "Print a table of replay speeds too, in million block references a second.")
  boolean speed;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the tables and errors only: no progress, no notes.")
  boolean quiet;

  /** Called by picocli. */
  OutputArguments() {}

  int statePoints() {
    if (statePoints < 1) {
      throw new IllegalArgumentException("--state-points is " + statePoints + "; 1 is the least");
    }
    return state == null ? 0 : statePoints;
  }

  /** The files to write, checked; {@code defaultChart} is drawn if no chart is asked for. */
  Files files(@Nullable String defaultChart, TraceArguments traces) {
    ReportFile chartFile = file(chart == null ? defaultChart : chart);
    if (chartFile != null && !Charts.draws(chartFile.kind())) {
      throw new IllegalArgumentException(
          chartFile + ": charts are written as .png, .svg or .html; change the name's end");
    }
    ReportFile stateFile = file(state);
    if (stateFile != null && !List.of("png", "svg", "csv", "json").contains(stateFile.kind())) {
      throw new IllegalArgumentException(
          stateFile + ": states are written as .png, .svg, .csv or .json; change the name's end");
    }
    var files = new Files(file(json), file(csv), chartFile, stateFile, chart != null);
    List<ReportFile> all =
        Stream.of(files.json, files.csv, chartFile, stateFile).filter(Objects::nonNull).toList();
    for (int i = 0; i < all.size(); i++) {
      traces.spare(all.get(i));
      for (ReportFile other : all.subList(0, i)) {
        if (all.get(i).isSameAs(other.path())) {
          throw new IllegalArgumentException(
              other + ": is named for two outputs; give each a file of its own");
        }
      }
    }
    return files;
  }

  private static @Nullable ReportFile file(@Nullable String name) {
    return name == null ? null : ReportFile.of(name);
  }

  /**
   * Where to write what.
   *
   * @param chartAsked false if the chart is our idea
   */
  record Files(
      @Nullable ReportFile json,
      @Nullable ReportFile csv,
      @Nullable ReportFile chart,
      @Nullable ReportFile state,
      boolean chartAsked) {

    /** Writes the data; returns what to tell the user. */
    List<String> writeData(Results results) {
      var notes = new ArrayList<String>();
      if (json != null) {
        json.write(JsonReport.document(results));
        notes.add("results as JSON: " + json);
      }
      if (csv != null) {
        csv.write(CsvReport.results(results));
        notes.add("results as CSV: " + csv);
      }
      return notes;
    }

    /** Writes the states; returns what to tell the user. */
    List<String> writeStates(Results results) {
      if (state == null) {
        return List.of();
      }
      switch (state.kind()) {
        case "json" -> state.write(JsonReport.document(results));
        case "csv" -> state.write(CsvReport.states(results));
        default -> Charts.states(results, state);
      }
      return List.of("states of the policies: " + state);
    }

    /** Draws the chart; returns what to tell the user. */
    List<String> draw(Results results) {
      if (chart == null) {
        return List.of();
      }
      Charts.hitRates(results, chart);
      return List.of("chart: " + chart.path().toAbsolutePath());
    }
  }
}
