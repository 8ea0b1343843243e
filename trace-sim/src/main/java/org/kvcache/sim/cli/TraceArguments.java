package org.kvcache.sim.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceOptions;
import org.kvcache.sim.trace.TraceReader;
import org.kvcache.sim.trace.TraceSource;
import picocli.CommandLine.Option;

/** The options that say which traces to read, and what of them. */
final class TraceArguments {
  /** What runs when no trace is named. */
  static final String BUILT_IN = "mixed";

  @Option(
      names = "--trace",
      arity = "1..*",
      paramLabel = "FILE|GENERATOR",
      description = {
        "Traces: files (Mooncake or bailian JSON lines, runs, libCacheSim csv, txt or"
            + " oracleGeneral, vLLM KV events, Azure LLM csv; plain, .gz or .zst),"
            + " 'FORMAT:FILE' to force a format, or generators ('chat',"
            + " 'docqa:mode=zipf,requests=2000'; see 'kvcache generate --help'). Default: the"
            + " generator '"
            + BUILT_IN
            + "', for 'kvcache batch' the generator 'batch'.",
      })
  @Nullable List<String> traces;

  @Option(
      names = "--max-requests",
      paramLabel = "N",
      description = "Stop reading a trace after so many requests.")
  @Nullable Long maxRequests;

  @Option(
      names = "--no-partial",
      description = {
        "Leave out the last block of a request when its prompt fills it only partly, as engines"
            + " that share full blocks only do.",
      })
  boolean noPartial;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Seed of generators, policies and hints. Default: ${DEFAULT-VALUE}.")
  long seed;

  /** Called by picocli. */
  TraceArguments() {}

  boolean builtIn() {
    return traces == null;
  }

  List<String> specifications() {
    return traces == null ? List.of(BUILT_IN) : traces;
  }

  /**
   * Refuses to write over a trace.
   *
   * @throws IllegalArgumentException naming the file
   */
  void spare(ReportFile output) {
    for (String specification : specifications()) {
      String file = specification.substring(specification.indexOf(':') + 1);
      if (output.isSameAs(Path.of(specification)) || output.isSameAs(Path.of(file))) {
        throw new IllegalArgumentException(
            output + ": is the trace that is read; name another file to write");
      }
    }
  }

  Trace load(String specification) {
    return load(specification, seed);
  }

  /** With another seed than the one asked for, for generators. */
  Trace load(String specification, long otherSeed) {
    var options =
        TraceOptions.ALL
            .withNoPartial(noPartial)
            .withMaxRequests(maxRequests == null ? Long.MAX_VALUE : maxRequests);
    try (TraceReader reader = TraceSource.open(specification, otherSeed)) {
      return Trace.load(reader, options);
    }
  }
}
