package org.kvcache.sim.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache sweep}. */
@Command(
    name = "sweep",
    description = {
      "Replays traces through all policies at several capacities, in parallel.",
      "The output is the same for any number of threads, apart from times. What has finished is"
          + " printed and written even if a part fails or Ctrl-C ends the sweep; what failed is"
          + " listed on standard error and under 'failures' in the JSON.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache sweep --trace chat --chart chat.png",
      "  kvcache sweep --trace traces/*.jsonl.gz --json sweep.json --csv sweep.csv",
      "  kvcache sweep --trace trace.jsonl.gz --capacity 1GiB,2GiB,4GiB --model qwen3-8b",
    })
final class SweepCommand implements Callable<Integer> {
  @Mixin private final TraceArguments traces = new TraceArguments();
  @Mixin private final ReplayArguments replay = new ReplayArguments();
  @Mixin private final OutputArguments output = new OutputArguments();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Replays at a time. Default: the number of cores.")
  private @Nullable Integer threads;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    return new StudyRun(spec, traces, replay, output, List.of("all"), null)
        .run(threads == null ? Runtime.getRuntime().availableProcessors() : threads);
  }
}
