package org.kvcache.bench.serve;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.ByteSize;
import org.kvcache.KvCacheFullException;
import org.kvcache.bench.FileRoles;
import org.kvcache.sim.report.Charts;
import org.kvcache.sim.report.ReportFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache serve-demo}. */
@Command(
    name = "serve-demo",
    description = {
      "Serves agents of several tenants with a small engine, first with flat float32 arrays and"
          + " nothing shared, then over this cache, and prints what changed.",
      "The engine is a plain decoder in Java, its model is built in and repeats what it read, so"
          + " that the right answers are known. Every turn of a session sends the whole"
          + " conversation again, as agents do. Times are of this machine; both runs are warmed"
          + " up.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache serve-demo",
      "  kvcache serve-demo --scheme mxfp4 --turns 6 --png first-token.png",
      "  kvcache serve-demo --memory 1MiB --disk 0B --policy lru --json demo.json",
    })
final class ServeDemoCommand implements Callable<Integer> {

  @Option(
      names = "--tenants",
      paramLabel = "N",
      defaultValue = "4",
      description = "Tenants, which share nothing with each other. Default: ${DEFAULT-VALUE}.")
  private int tenants;

  @Option(
      names = "--sessions",
      paramLabel = "N",
      defaultValue = "2",
      description = "Sessions of a tenant. Default: ${DEFAULT-VALUE}.")
  private int sessions;

  @Option(
      names = "--turns",
      paramLabel = "N",
      defaultValue = "4",
      description = "Turns of a session. Default: ${DEFAULT-VALUE}.")
  private int turns;

  @Option(
      names = "--instructions",
      paramLabel = "TOKENS",
      defaultValue = "400",
      description = "Tokens that all sessions of a tenant begin with. Default: ${DEFAULT-VALUE}.")
  private int instructions;

  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      defaultValue = "lm16",
      description = "How K and V are stored, see 'kvcache schemes'. Default: ${DEFAULT-VALUE}.")
  private String scheme = "";

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      defaultValue = "adaptive",
      description = "Who is evicted, see 'kvcache policies'. Default: ${DEFAULT-VALUE}.")
  private String policy = "";

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      defaultValue = "2MiB",
      description = {
        "Memory of the cache; the default holds about half of it all. Default: ${DEFAULT-VALUE}.",
      })
  private String memory = "";

  @Option(
      names = "--disk",
      paramLabel = "SIZE",
      defaultValue = "64MiB",
      description = "Room of the disk tier, 0B for none. Default: ${DEFAULT-VALUE}.")
  private String disk = "";

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the texts and the order. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results (.json).")
  private @Nullable String json;

  @Option(
      names = "--png",
      paramLabel = "FILE",
      description = "Draw the times to first token (.png or .svg).")
  private @Nullable String png;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the table and errors only.")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    var workload = new AgentWorkload(tenants, sessions, turns, instructions, seed);
    var demo =
        new ServeDemo(workload, scheme, policy, bytes("--memory", memory), bytes("--disk", disk));
    var roles = new FileRoles();
    ReportFile jsonFile = roles.optionalOutput("--json", json);
    ReportFile pngFile = roles.optionalOutput("--png", png);
    if (pngFile != null && !List.of("png", "svg").contains(pngFile.kind())) {
      throw new IllegalArgumentException(
          pngFile + ": charts are written as .png or .svg; change the name's end");
    }
    PrintWriter out = spec.commandLine().getOut();
    if (!quiet) {
      out.println(workload + System.lineSeparator());
      out.flush();
    }
    ServeResult result = served(demo);
    ServeTable.of(result).forEach(out::println);
    if (jsonFile != null) {
      jsonFile.write(ServeReport.json(result, arguments()));
    }
    if (pngFile != null) {
      Charts.draw(List.of(new ServeChart(result)), 1, pngFile);
    }
    return 0;
  }

  private ServeResult served(ServeDemo demo) {
    try {
      return demo.run(quiet);
    } catch (KvCacheFullException e) {
      throw new IllegalArgumentException(
          "--memory "
              + memory
              + " has no room for the longest session in scheme "
              + scheme
              + "; give more, or fewer --turns or --instructions",
          e);
    }
  }

  private List<String> arguments() {
    return spec.root().commandLine().getParseResult().originalArgs();
  }

  private static long bytes(String option, String size) {
    return ByteSize.parse(size)
        .orElseThrow(() ->
            new IllegalArgumentException(
                option + " '" + size + "' is not an amount of bytes such as 2MiB"))
        .longValueExact();
  }
}
