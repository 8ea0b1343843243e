package org.kvcache.sim.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.report.SummaryReport;
import org.kvcache.sim.trace.TraceSummary;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache describe}. */
@Command(
    name = "describe",
    description = {
      "Says what traces hold and how far apart the reuses of a block are.",
      "Reuse is counted as LRU stack distance (other blocks between), as requests between and as"
          + " milliseconds between, all in buckets of doubling width. An LRU cache hits the reuses"
          + " whose distance is below its size, so the first histogram shows which sizes are worth"
          + " simulating.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache describe --trace chat",
      "  kvcache describe --trace trace.jsonl.gz --json trace-summary.json",
    })
final class DescribeCommand implements Callable<Integer> {
  @Mixin private final TraceArguments traces = new TraceArguments();

  @Option(names = "--json", paramLabel = "FILE", description = "Write the same as JSON.")
  private @Nullable String json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    ReportFile file = json == null ? null : ReportFile.of(json);
    if (file != null) {
      traces.spare(file);
    }
    var summaries = new ArrayList<TraceSummary>();
    var out = spec.commandLine().getOut();
    for (String specification : traces.specifications()) {
      TraceSummary summary = TraceSummary.of(traces.load(specification));
      if (!summaries.isEmpty()) {
        out.println();
      }
      List<String> lines = SummaryReport.text(summary);
      lines.forEach(out::println);
      summaries.add(summary);
    }
    if (file != null) {
      file.write(SummaryReport.json(summaries, Version.kvcache()));
      out.println();
      out.println("as JSON: " + file);
    }
    return 0;
  }
}
