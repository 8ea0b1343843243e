package org.kvcache.bench;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.ReportFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache peers}. */
@Command(
    name = "peers",
    description = {
      "Replays the same keys through our policies and the Caffeine simulator's, and compares hits"
          + " and speed.",
      "One JVM for each policy, in it ours and theirs in turns on one thread, after a warm-up."
          + " Flat: one access per block id, no chains. Times are CPU times of that thread, without"
          + " garbage collection. The simulator (95 MB) is a test dependency: the first run asks"
          + " Maven for it.",
      "The exit code is 1 if hits are farther apart than the difference between the algorithms"
          + " allows: not at all for lru, fifo, sieve and 2q.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache peers --policies lru,arc --trace chat --capacity 1%%",
      "  kvcache peers --trace trace.jsonl.gz --capacity 1827,18279 --json peers.json",
    })
final class PeersCommand implements Callable<Integer> {
  @Option(
      names = "--trace",
      arity = "1..*",
      paramLabel = "FILE|GENERATOR",
      defaultValue = "chat agentic docqa:mode=zipf",
      split = " ",
      description = "Traces, as for simulate. Default: ${DEFAULT-VALUE}.")
  private List<String> traces = new ArrayList<>();

  @Option(
      names = "--policies",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "lru,arc,sieve,s3-fifo,2q,lirs,w-tinylfu,opt",
      description = "Default: ${DEFAULT-VALUE}; fifo is there too.")
  private List<String> policies = new ArrayList<>();

  @Option(
      names = "--capacity",
      split = ",",
      paramLabel = "N|P%",
      defaultValue = "1%,10%",
      description = "Blocks, or a share of a trace's unique blocks. Default: ${DEFAULT-VALUE}.")
  private List<String> capacities = new ArrayList<>();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "7",
      description = "Turns of each side. Default: ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of generators. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the results, round by round.")
  private @Nullable String json;

  @Option(names = "--in-this-jvm", hidden = true)
  private boolean inThisJvm;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds is " + rounds + "; at least 1 is needed");
    }
    policies.forEach(Pairing::of);
    List<CapacityShare> wanted = capacities.stream().map(CapacityShare::parse).toList();
    return inThisJvm ? measure(wanted) : compare();
  }

  private int measure(List<CapacityShare> wanted) {
    PeerLibrary peers = ServiceLoader.load(PeerLibrary.class).findFirst().orElseThrow();
    for (String trace : traces) {
      BenchStream stream = BenchStream.load(trace, seed);
      for (CapacityShare capacity : wanted) {
        int blocks = capacity.blocks(stream.trace());
        for (String policy : policies) {
          PeerResult result = new PeerMatch(peers, stream, policy, blocks).play(rounds);
          spec.commandLine().getOut().println(PeerJvm.line(result));
          spec.commandLine().getOut().flush();
        }
      }
    }
    return 0;
  }

  private int compare() {
    ReportFile file = json == null ? null : ReportFile.of(json);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    String classPath =
        PeerClassPath.find(() -> {
          err.println("kvcache: getting the Caffeine simulator (first use) ...");
          err.flush();
        });
    List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
    var report = new PeerReport();
    var jvm = new PeerJvm(classPath);
    out.println(PeerReport.head());
    out.flush();
    for (String policy : policies) {
      var child = new ArrayList<>(List.of("peers", "--in-this-jvm", "--policies", policy));
      traces.forEach(trace -> child.addAll(List.of("--trace", trace)));
      child.addAll(List.of("--capacity", String.join(",", capacities)));
      child.addAll(List.of("--rounds", Integer.toString(rounds), "--seed", Long.toString(seed)));
      int code =
          jvm.run(
              child,
              result -> {
                out.println(report.add(result));
                out.flush();
              });
      if (code != 0) {
        return code; // it has said why
      }
    }
    out.println();
    report.notes().forEach(out::println);
    if (file != null) {
      file.write(report.json(arguments, seed));
      out.println("results written to " + file);
    }
    report.disagreements().forEach(sentence -> err.println("kvcache: " + sentence));
    return report.disagreements().isEmpty() ? 0 : 1;
  }
}
