package org.kvcache.sim.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.Simulator;
import org.kvcache.sim.report.Failure;
import org.kvcache.sim.report.Results;
import org.kvcache.sim.report.RunHeader;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.trace.Trace;
import picocli.CommandLine.Model.CommandSpec;

/**
 * What {@code simulate} and {@code sweep} do: every policy at every capacity on every trace, then
 * tables and files. Traces are loaded one after the other, so that only one is in memory.
 */
final class StudyRun {
  private final CommandSpec spec;
  private final TraceArguments traces;
  private final ReplayArguments replay;
  private final OutputArguments.Files files;
  private final boolean quiet;
  private final List<String> policies;
  private final List<Capacity> capacities;
  private final @Nullable Model model;
  private final RunSettings settings;
  private final StudyText text;

  /** Checks all arguments; {@code defaultChart} is drawn if no chart is asked for. */
  StudyRun(
      CommandSpec spec,
      TraceArguments traces,
      ReplayArguments replay,
      OutputArguments output,
      List<String> defaultPolicies,
      @Nullable String defaultChart) {
    this.spec = spec;
    this.traces = traces;
    this.replay = replay;
    files = output.files(defaultChart, traces);
    quiet = output.quiet;
    policies = replay.policies(defaultPolicies);
    capacities = replay.capacities();
    model = replay.model();
    settings = replay.settings(traces.seed, output.statePoints());
    text = new StudyText(spec.commandLine().getOut(), output, model);
  }

  /** Runs on so many threads; returns the exit code. */
  int run(int threadCount) {
    if (threadCount < 1) {
      throw new IllegalArgumentException("--threads is " + threadCount + "; 1 is the least");
    }
    List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
    var header = new RunHeader(Version.kvcache(), arguments, settings);
    List<String> specifications = traces.specifications();
    long steps = (long) specifications.size() * policies.size() * capacities.size();
    Results results;
    int code;
    try (Progress progress = Progress.start(spec.name(), steps, quiet);
        var study = new Study(header, threadCount, progress)) {
      var rescue = new Thread(() -> rescue(study));
      Runtime.getRuntime().addShutdownHook(rescue);
      for (String specification : specifications) {
        run(study, progress, specification);
      }
      Runtime.getRuntime().removeShutdownHook(rescue);
      results = study.results(true);
      code = study.exitCode();
    }
    print(results);
    return code;
  }

  private void run(Study study, Progress progress, String specification) {
    progress.say("reading " + specification);
    try {
      Trace trace = traces.load(specification);
      TraceInfo info = TraceInfo.of(trace, specification);
      progress.say(trace.name());
      List<Cell> cells = cells(study, info);
      progress.skip((long) policies.size() * capacities.size() - cells.size());
      study.run(trace, info, settings, cells);
    } catch (RuntimeException | OutOfMemoryError e) {
      study.fail(specification, "", e);
    }
  }

  private List<Cell> cells(Study study, TraceInfo info) {
    var cells = new ArrayList<Cell>();
    var sizes = new ArrayList<Integer>();
    for (Capacity capacity : capacities) {
      int blocks;
      try {
        blocks = capacity.blocks(info, model);
      } catch (IllegalArgumentException e) {
        if (!replay.defaultCapacities()) {
          study.fail(info.name(), capacity.text(), e);
        }
        continue;
      }
      if (sizes.contains(blocks)) {
        continue;
      }
      sizes.add(blocks);
      for (String policy : policies) {
        if (!policy.equals(Simulator.INFINITE)) {
          cells.add(new Cell(policy, blocks, capacity.text(), false));
        }
      }
      if (files.chart() != null && !policies.contains(Simulator.OPT)) {
        cells.add(new Cell(Simulator.OPT, blocks, capacity.text(), true));
      }
    }
    if (sizes.isEmpty() && replay.defaultCapacities()) {
      throw new IllegalArgumentException(
          "%s has %d unique blocks, too few for the default capacities; give --capacity"
              .formatted(info.name(), info.uniqueBlocks()));
    }
    if (policies.contains(Simulator.INFINITE)) {
      cells.add(new Cell(Simulator.INFINITE, Math.max(1, info.uniqueBlocks()), "", false));
    }
    return cells;
  }

  private void print(Results results) {
    if (results.count() > 0) {
      if (!quiet) {
        text.head(results, traces.builtIn());
      }
      results.traces().forEach(text::trace);
      var notes = new ArrayList<String>();
      notes.addAll(files.writeData(results));
      notes.addAll(files.writeStates(results));
      notes.addAll(draw(results));
      if (!quiet) {
        text.notes(notes);
      }
    }
    var err = spec.commandLine().getErr();
    for (Failure failure : results.failures()) {
      err.println("kvcache: " + failure.sentence());
    }
    if (results.failures().size() > 1 && results.count() > 0) {
      err.printf(
          "kvcache: parts that failed: %d; results that are kept: %d%n",
          results.failures().size(), results.count());
    }
  }

  /** A chart that nobody asked for must not fail the command. */
  private List<String> draw(Results results) {
    try {
      return files.draw(results);
    } catch (IllegalArgumentException e) {
      if (files.chartAsked()) {
        throw e;
      }
      return List.of("no chart: " + e.getMessage());
    }
  }

  /** On Ctrl-C: what has finished is worth keeping. */
  private void rescue(Study study) {
    Results results = study.results(false);
    var err = spec.commandLine().getErr();
    if (results.count() > 0) {
      results.traces().forEach(text::trace);
      text.notes(files.writeData(results));
    }
    err.printf("%nkvcache: interrupted; results that are kept: %d%n", results.count());
    err.flush();
  }
}
