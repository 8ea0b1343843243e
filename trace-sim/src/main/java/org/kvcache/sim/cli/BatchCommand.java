package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.trace.Trace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache batch}. */
@Command(
    name = "batch",
    description = {
      "Serves a trace as one batch, whose order is free, and compares orders and policies.",
      "All requests are there at the begin; a modelled engine serves them with continuous batching"
          + " on one GPU. Orders: arrival (as the trace has them), longest-prefix (whoever has the"
          + " most tokens cached goes first), depth-first (through the tree of prefixes).",
      "Beside the policies stand two bounds under the same engine: opt (Belady, for an order that"
          + " is known beforehand) and infinite (every block but the first of its kind is found)."
          + " They find what a cache would that serves one request at a time; how many run at once"
          + " still depends on the cache.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache batch",
      "  kvcache batch --trace batch:items=2000,templates=40 --policy lru,arc --capacity 10%%",
      "  kvcache batch --trace trace.jsonl.gz --capacity 20GiB,40GiB --scheme mxfp4 --csv b.csv",
    })
final class BatchCommand implements Callable<Integer> {
  static final String BUILT_IN = "batch:items=2000,templates=40";

  @Mixin private final TraceArguments traces = new TraceArguments();
  @Mixin private final BatchArguments arguments = new BatchArguments();

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the results as JSON, with a schema version and units.")
  private @Nullable String json;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Write the results as CSV (RFC 4180), in the columns of the JSON.")
  private @Nullable String csv;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the tables and errors only: no progress, no notes.")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    BatchPlan plan = arguments.plan(traces.seed);
    ReportFile jsonFile = file(json);
    ReportFile csvFile = file(csv);
    if (jsonFile != null && csvFile != null && jsonFile.isSameAs(csvFile.path())) {
      throw new IllegalArgumentException(
          csvFile + ": is named for two outputs; give each a file of its own");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (!quiet) {
      BatchText.head(out, plan, traces.builtIn());
    }
    var tables = new ArrayList<BatchTable>();
    for (String specification : traces.builtIn() ? List.of(BUILT_IN) : traces.specifications()) {
      Trace trace = traces.load(specification);
      TraceInfo info = TraceInfo.of(trace, specification);
      BatchText.trace(out, info);
      for (int blocks : plan.capacities(info)) {
        BatchTable table = run(plan, trace, blocks);
        tables.add(table);
        BatchText.table(out, info, plan, table);
      }
    }
    if (jsonFile != null) {
      List<String> line = spec.root().commandLine().getParseResult().originalArgs();
      jsonFile.write(BatchReport.json(tables, plan, line));
      note(out, "results as JSON: " + jsonFile);
    }
    if (csvFile != null) {
      csvFile.write(BatchReport.csv(tables));
      note(out, "results as CSV: " + csvFile);
    }
    return 0;
  }

  private BatchTable run(BatchPlan plan, Trace trace, int blocks) {
    List<BatchPlan.Cell> cells = plan.cells();
    var results = new ArrayList<BatchResult>();
    try (Progress progress = Progress.start(spec.name(), cells.size(), quiet)) {
      for (BatchPlan.Cell cell : cells) {
        progress.say(cell.policy() + ", " + cell.order().label());
        results.add(plan.run(trace, blocks, cell));
        progress.step();
      }
    }
    return new BatchTable(blocks, results);
  }

  private @Nullable ReportFile file(@Nullable String name) {
    if (name == null) {
      return null;
    }
    ReportFile file = ReportFile.of(name);
    traces.spare(file);
    return file;
  }

  private void note(PrintWriter out, String note) {
    if (!quiet) {
      out.println(note);
      out.flush();
    }
  }
}
