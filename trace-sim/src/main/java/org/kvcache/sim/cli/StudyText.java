package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.ByteSize;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.Simulator;
import org.kvcache.sim.report.HitRateTable;
import org.kvcache.sim.report.Numbers;
import org.kvcache.sim.report.Results;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.report.TraceResults;

/** What {@code simulate} and {@code sweep} print. */
final class StudyText {
  private final PrintWriter out;
  private final OutputArguments output;
  private final @Nullable Model model;

  StudyText(PrintWriter out, OutputArguments output, @Nullable Model model) {
    this.out = out;
    this.output = output;
    this.model = model;
  }

  void head(Results results, boolean builtIn) {
    RunSettings settings = results.header().settings();
    out.printf(
        "kvcache %s, seed %d, %s%s%n",
        results.header().version(),
        settings.seed(),
        mode(settings),
        settings.hintAccuracy() == null ? "" : ", hints right in " + settings.hintAccuracy());
    if (model != null) {
      out.println(model.describe());
    }
    if (settings.window() > 1 && results.has(Simulator.OPT)) {
      out.println("opt runs one request after the other whatever the window");
    }
    if (builtIn) {
      out.println("generated workload; for your own: kvcache simulate --trace FILE.jsonl.gz");
    }
  }

  private static String mode(RunSettings settings) {
    if (settings.mode() == RunSettings.Mode.FLAT) {
      return "flat mode (plain keys)";
    }
    return settings.window() > 1
        ? "prefix mode, window " + settings.window()
        : "prefix mode, window " + settings.window() + " (one request after the other)";
  }

  void trace(TraceResults results) {
    TraceInfo trace = results.trace();
    out.println();
    out.printf("trace %s, digest %s%n", trace.name(), trace.digest());
    out.printf(
        "%s requests, %s block refs, %s unique blocks of %d tokens, infinite cache hits %s %%%n",
        Numbers.count(trace.requests()),
        Numbers.count(trace.blockRefs()),
        Numbers.count(trace.uniqueBlocks()),
        trace.blockTokens(),
        Numbers.percent(trace.infiniteHitRate()));
    if (results.results().isEmpty()) {
      out.println("no results");
      return;
    }
    var table = new HitRateTable(results, this::memory);
    print(table.blockHitRates());
    if (output.tokens) {
      print(table.tokenHitRates());
    }
    if (output.speed) {
      print(table.speeds());
    }
    out.flush();
  }

  private String memory(TraceInfo trace, int blocks) {
    return model == null
        ? ""
        : ByteSize.format(
            model.bytesPerToken().doubleValue() * trace.blockTokens() * (double) blocks);
  }

  private void print(List<String> lines) {
    out.println();
    lines.forEach(out::println);
  }

  void notes(List<String> notes) {
    if (!notes.isEmpty()) {
      out.println();
      notes.forEach(out::println);
    }
    out.flush();
  }
}
