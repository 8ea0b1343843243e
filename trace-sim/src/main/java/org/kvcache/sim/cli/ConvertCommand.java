package org.kvcache.sim.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceReader;
import org.kvcache.sim.trace.TraceSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kvcache convert}. */
@Command(
    name = "convert",
    description = {
      "Writes a trace in another format or compression.",
      "Blocks are numbered anew, in order of first appearance; the digest that is printed covers"
          + " requests and shared prefixes and stays the same unless the format cannot hold them"
          + " (csv, txt and oracleGeneral hold plain keys, one access per block).",
      "Azure's csv is only read: it has no block ids, so each of its requests gets blocks of its"
          + " own.",
      "An existing file is replaced only when the new one is complete.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache convert azure_llm_2023_conv.csv.gz conv.jsonl.gz",
      "  kvcache convert trace.jsonl.gz trace.runs.jsonl.zst",
      "  kvcache convert bailian:qwen.jsonl qwen.csv --no-partial",
      "  kvcache convert csv,block=16:keys.csv keys.oracleGeneral.zst",
    })
final class ConvertCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "IN", description = "A file, FORMAT:FILE or a generator.")
  private String in = "";

  @Parameters(
      index = "1",
      paramLabel = "OUT",
      description = "The file to write; its name tells format and compression.")
  private String out = "";

  @Option(names = "--format", paramLabel = "NAME", description = "OUT's format, whatever its name.")
  private @Nullable String format;

  @Option(names = "--max-requests", paramLabel = "N", description = "Stop after so many requests.")
  private @Nullable Long maxRequests;

  @Option(names = "--no-partial", description = "Leave out blocks that a prompt fills only partly.")
  private boolean noPartial;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed if IN is a generator. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    var target = TraceTarget.of(out, format);
    var options =
        TraceOptions.ALL
            .withNoPartial(noPartial)
            .withMaxRequests(maxRequests == null ? Long.MAX_VALUE : maxRequests);
    Trace trace;
    try (TraceReader reader = TraceSource.open(in, seed)) {
      trace = Trace.load(reader, options);
    }
    spec.commandLine().getOut().println(target.write(trace));
    return 0;
  }
}
