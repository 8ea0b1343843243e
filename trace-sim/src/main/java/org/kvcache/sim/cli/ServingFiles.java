package org.kvcache.sim.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.ReportFile;

/** Files to write, none of which is read or written twice. */
final class ServingFiles {
  private final TraceArguments traces;
  private final List<Path> inputs;
  private final List<ReportFile> outputs = new ArrayList<>();

  ServingFiles(TraceArguments traces, ServingArguments serving) {
    this.traces = traces;
    inputs = serving.inputs();
  }

  /**
   * The file of an option, null if it is not given.
   *
   * @throws IllegalArgumentException if it cannot be written or has another use
   */
  @Nullable ReportFile output(String option, @Nullable String name) {
    if (name == null) {
      return null;
    }
    ReportFile file = ReportFile.of(name);
    traces.spare(file);
    for (Path input : inputs) {
      if (file.isSameAs(input)) {
        throw new IllegalArgumentException(
            "%s %s: is a file that is read; name another one to write".formatted(option, name));
      }
    }
    for (ReportFile other : outputs) {
      if (file.isSameAs(other.path())) {
        throw new IllegalArgumentException(
            other + ": is named for two outputs; give each a file of its own");
      }
    }
    outputs.add(file);
    return file;
  }
}
