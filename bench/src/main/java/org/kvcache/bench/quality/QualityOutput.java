package org.kvcache.bench.quality;

import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kvcache.bench.FileRoles;
import org.kvcache.sim.report.Charts;
import org.kvcache.sim.report.ReportFile;
import picocli.CommandLine.Option;

/** The options that say where results go. */
final class QualityOutput {
  @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON.")
  private @Nullable String json;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write the results as CSV.")
  private @Nullable String csv;

  @Option(
      names = "--png",
      paramLabel = "FILE",
      description = "Draw the errors of attention's output (.png or .svg).")
  private @Nullable String png;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the tables and errors only.")
  boolean quiet;

  /** Called by picocli. */
  QualityOutput() {}

  /** The files to write, checked before anything is measured. */
  Files files(FileRoles roles) {
    var files =
        new Files(
            roles.optionalOutput("--json", json),
            roles.optionalOutput("--csv", csv),
            roles.optionalOutput("--png", png));
    if (files.png != null && !List.of("png", "svg").contains(files.png.kind())) {
      throw new IllegalArgumentException(
          files.png + ": charts are written as .png or .svg; change the name's end");
    }
    return files;
  }

  /** Where to write what. */
  record Files(@Nullable ReportFile json, @Nullable ReportFile csv, @Nullable ReportFile png) {

    void write(Supplier<String> jsonText, Supplier<String> csvText) {
      if (json != null) {
        json.write(jsonText.get());
      }
      if (csv != null) {
        csv.write(csvText.get());
      }
    }

    void draw(Supplier<QualityChart> chart) {
      if (png != null) {
        Charts.draw(List.of(chart.get()), 1, png);
      }
    }
  }
}
