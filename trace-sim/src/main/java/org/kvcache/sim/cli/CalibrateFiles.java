package org.kvcache.sim.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.ReportFile;
import picocli.CommandLine.Option;

/** The files that {@code calibrate} writes, none of which may be one that it reads. */
final class CalibrateFiles {
  @Option(
      names = {"-o", "--out"},
      paramLabel = "FILE",
      description = "Write the machine with its new factors, for --devices FILE --device NAME.")
  private @Nullable String out;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write factors, errors and all points as JSON, with units.")
  private @Nullable String json;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Draw predicted over measured times into a .png or a .svg.")
  private @Nullable String chart;

  /** Called by picocli. */
  CalibrateFiles() {}

  /**
   * What to write.
   *
   * @param preset the machine
   * @param json the results
   * @param chart the picture
   */
  record Checked(
      @Nullable ReportFile preset, @Nullable ReportFile json, @Nullable ReportFile chart) {}

  /** The files, checked before anything is read; {@code inputs} are by what names them. */
  Checked checked(Map<String, Path> inputs) {
    var taken = new LinkedHashMap<>(inputs);
    var files =
        new Checked(
            file("--out", out, taken), file("--json", json, taken), file("--chart", chart, taken));
    if (files.chart != null && !files.chart.kind().matches("png|svg")) {
      throw new IllegalArgumentException(
          files.chart + ": charts are written as .png or .svg; change the name's end");
    }
    return files;
  }

  private static @Nullable ReportFile file(
      String option, @Nullable String name, Map<String, Path> taken) {
    if (name == null) {
      return null;
    }
    ReportFile file = ReportFile.of(name);
    taken.forEach((other, path) -> {
      if (file.isSameAs(path)) {
        throw new IllegalArgumentException(
            "%s: is named for %s and for %s; give each a file of its own"
                .formatted(file, other, option));
      }
    });
    taken.put(option, file.path());
    return file;
  }
}
