package org.kvcache.sim.cli;

import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.kvcache.sim.Simulator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache simulate}. */
@Command(
    name = "simulate",
    description = {
      "Replays traces through eviction policies and prints their hit rates.",
      "Rates are in per cent of the blocks asked for, with one row per policy and one column per"
          + " capacity; * marks the best policy of a column. A block is a fixed number of prompt"
          + " tokens together with all that comes before them; a request hits its leading run of"
          + " cached blocks.",
      "Without any argument: a generated mixed workload under LRU, ARC, adaptive and Belady's OPT,"
          + " and a chart in "
          + SimulateCommand.DEFAULT_CHART
          + ".",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache simulate",
      "  kvcache simulate --trace chat docqa:mode=zipf --policy lru,arc,opt --capacity 1%%,5%%",
      "  kvcache simulate --trace trace.jsonl.gz --capacity 8GiB,40GiB --model llama3-8b",
      "  kvcache simulate --trace trace.jsonl.gz --window 32 --json out.json --chart out.svg",
      "  kvcache simulate --trace agentic --policy arc,adaptive --capacity 5%% --state state.png",
    })
final class SimulateCommand implements Callable<Integer> {
  static final String DEFAULT_CHART = "kvcache-simulate.png";

  private static final Set<String> BARE = Set.of("simulate", "-q", "--quiet", "--debug");
  private static final List<String> DEFAULT_POLICIES =
      List.of("lru", "arc", "adaptive", Simulator.OPT);

  @Mixin private final TraceArguments traces = new TraceArguments();
  @Mixin private final ReplayArguments replay = new ReplayArguments();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Replays at a time. Default: ${DEFAULT-VALUE}, so that speeds can be compared.")
  private int threads;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
    String defaultChart = BARE.containsAll(arguments) ? DEFAULT_CHART : null;
    return new StudyRun(spec, traces, replay, output, DEFAULT_POLICIES, defaultChart).run(threads);
  }
}
