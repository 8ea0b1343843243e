package org.kvcache.sim.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceReader;
import org.kvcache.sim.trace.TraceSource;
import org.kvcache.sim.trace.TraceSource.GeneratorInfo;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kvcache generate}. */
@Command(
    name = "generate",
    description = {
      "Writes a generated trace to a file.",
      "The same generator, parameters and seed give the same"
          + " trace, which any command also takes as --trace GENERATOR without a file.",
    })
final class GenerateCommand implements Callable<Integer> {
  private static final List<String> EXAMPLES =
      List.of(
          "",
          "Examples:",
          "  kvcache generate chat -o chat.jsonl.gz",
          "  kvcache generate docqa:mode=zipf,alpha=0.9 -o docqa.runs.jsonl.zst --seed 7",
          "  kvcache generate mixed:scale=0.1 -o mixed.csv");

  @Parameters(paramLabel = "GENERATOR", description = "NAME or NAME:key=value,...; see below.")
  private String generator = "";

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = {
        "The file; its name tells format and compression: .jsonl (Mooncake), .runs.jsonl, .csv,"
            + " .txt, .oracleGeneral, .events.jsonl (vLLM), with .gz or .zst.",
      })
  private String output = "";

  @Option(names = "--format", paramLabel = "NAME", description = "The format, whatever the name.")
  private @Nullable String format;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Spec private CommandSpec spec = CommandSpec.create();

  /** The command with its generators in the help. */
  static CommandLine commandLine() {
    var commandLine = new CommandLine(new GenerateCommand());
    var footer = new ArrayList<String>();
    footer.add("");
    footer.add("Generators, their parameters and the defaults:");
    for (GeneratorInfo info : TraceSource.generators()) {
      footer.add("  " + info.name() + ": " + info.summary());
    }
    footer.addAll(EXAMPLES);
    commandLine.getCommandSpec().usageMessage().footer(footer.toArray(String[]::new));
    return commandLine;
  }

  @Override
  public Integer call() {
    var target = TraceTarget.of(output, format);
    checkGenerator();
    Trace trace;
    try (TraceReader reader = TraceSource.open(generator, seed)) {
      trace = Trace.load(reader, TraceOptions.ALL);
    }
    spec.commandLine().getOut().println(target.write(trace) + ", seed " + seed);
    return 0;
  }

  private void checkGenerator() {
    List<String> names = TraceSource.generators().stream().map(GeneratorInfo::name).toList();
    int colon = generator.indexOf(':');
    String name = colon < 0 ? generator : generator.substring(0, colon);
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          "unknown generator '%s'%s; known: %s"
              .formatted(
                  name,
                  NearestName.of(name, names)
                      .map(near -> ", did you mean '" + near + "'")
                      .orElse(""),
                  String.join(", ", names)));
    }
  }
}
