package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.kvcache.ByteSize;
import org.kvcache.sim.report.Charts;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.report.TraceInfo;
import org.kvcache.sim.report.serving.ConfigResults;
import org.kvcache.sim.report.serving.RunNote;
import org.kvcache.sim.report.serving.ServingChart;
import org.kvcache.sim.report.serving.ServingCsv;
import org.kvcache.sim.report.serving.ServingJson;
import org.kvcache.sim.report.serving.ServingResults;
import org.kvcache.sim.report.serving.ServingTable;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingSimulator;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.trace.Trace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache serve-sim}. */
@Command(
    name = "serve-sim",
    description = {
      "Simulates the serving of a trace and prints times to the first token, times between tokens,"
          + " throughput and hits by tier, for several configurations side by side.",
      "Requests arrive as recorded, at random or from users who wait; prompts are computed in"
          + " chunks beside the decode steps of others; blocks live in the block manager that"
          + " serves, under the policy that is named. The time of a pass comes from the model's"
          + " shape and the device's data sheet with efficiency factors ('kvcache calibrate' fits"
          + " them), so all times are a model's, to be trusted to about 30 %%; ratios of"
          + " configurations are steadier. The warm-up is found by MSER-5 and left out. Energy is"
          + " an estimate.",
      "Lists (--policy lru,arc --scheme bf16,mxfp4) give every combination.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache serve-sim --trace chat --policy lru,adaptive --rate 0.5/s --arrivals poisson",
      "  kvcache serve-sim --trace trace.jsonl.gz --scheme fp8,mxfp4 --users 32 --seeds 5",
      "  kvcache serve-sim --trace trace.jsonl.gz --cache 25%% --host-cache 200GB --chart time.png",
      "  kvcache serve-sim --trace docqa --model sdar-8b --decoding diffusion,herald --users 32",
    })
final class ServeSimCommand implements Callable<Integer> {
  @Mixin private final TraceArguments traces = new TraceArguments();
  @Mixin private final ServingArguments serving = new ServingArguments();
  @Mixin private final LoadArguments load = new LoadArguments();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description = {
        "Runs of each configuration, from --seed on, with an interval over them. A seed changes"
            + " generators, random arrivals, pauses and policies. Default: ${DEFAULT-VALUE}.",
      })
  private int seeds;

  @Option(
      names = "--confidence",
      paramLabel = "SHARE",
      defaultValue = "95%",
      description = "Of the intervals. Default: 95%%.")
  private String confidence = "";

  @Option(names = "--json", paramLabel = "FILE", description = "Write everything as JSON.")
  private @Nullable String json;

  @Option(
      names = "--csv",
      paramLabel = "FILE",
      description = "Write runs, rounds and windows as CSV.")
  private @Nullable String csv;

  @Option(
      names = "--chart",
      paramLabel = "FILE",
      description = "Draw latencies and hits over time and by round into a .png, .svg or .html.")
  private @Nullable String chart;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the tables and errors only.")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (seeds < 1) {
      throw new IllegalArgumentException("--seeds is " + seeds + "; give at least 1");
    }
    double certain = Share.parse("--confidence", confidence);
    if (!(certain > 0 && certain < 1)) {
      throw new IllegalArgumentException(
          "--confidence is " + confidence + "; it must be above 0 and below 100%");
    }
    var files = new ServingFiles(traces, serving);
    ReportFile jsonFile = files.output("--json", json);
    ReportFile csvFile = files.output("--csv", csv);
    ReportFile chartFile = files.output("--chart", chart);
    if (chartFile != null && !Charts.draws(chartFile.kind())) {
      throw new IllegalArgumentException(
          chartFile + ": charts are written as .png, .svg or .html; change the name's end");
    }
    List<ServingConfig> configs = serving.configs(List.of("lru", "adaptive"));
    List<String> specifications = traces.specifications();
    if (specifications.size() > 1) {
      throw new IllegalArgumentException(
          "serve-sim serves one trace at a time; give --trace one of them");
    }
    ServingResults results = run(specifications.getFirst(), configs, certain);
    print(results);
    if (jsonFile != null) {
      jsonFile.write(ServingJson.document(results));
    }
    if (csvFile != null) {
      csvFile.write(ServingCsv.text(results));
    }
    if (chartFile != null) {
      ServingChart.write(results, chartFile);
    }
    return 0;
  }

  private ServingResults run(String source, List<ServingConfig> configs, double certain) {
    var summaries = new ArrayList<List<ServingSummary>>();
    configs.forEach(_ -> summaries.add(new ArrayList<>()));
    TraceInfo info = null;
    String arrivals = "";
    int threads = Runtime.getRuntime().availableProcessors();
    try (Progress progress = Progress.start("serve-sim", (long) configs.size() * seeds, quiet);
        ExecutorService pool =
            Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("serve-", 0).daemon().factory())) {
      for (int seed = 0; seed < seeds; seed++) {
        long number = traces.seed + seed;
        Trace trace = traces.load(source, number);
        Load asked = load.load(trace);
        if (info == null) {
          info = TraceInfo.of(trace, source);
          arrivals = load.describe(trace);
          configs.forEach(config -> config.slots(trace.blockTokens()));
        }
        var simulator = new ServingSimulator(trace);
        var running = new ArrayList<Future<ServingSummary>>();
        for (ServingConfig config : configs) {
          running.add(
              pool.submit(() -> {
                var summary = ServingSummary.of(simulator.run(config, asked, number), trace);
                progress.step();
                return summary;
              }));
        }
        for (int i = 0; i < running.size(); i++) {
          summaries.get(i).add(result(running.get(i)));
        }
      }
    }
    if (info == null) {
      throw new IllegalStateException("no run");
    }
    var results = new ArrayList<ConfigResults>();
    for (int i = 0; i < configs.size(); i++) {
      String label = configs.get(i).label();
      results.add(
          new ConfigResults(label.isEmpty() ? configs.get(i).policy() : label, summaries.get(i)));
    }
    List<String> words = spec.root().commandLine().getParseResult().originalArgs();
    var note = new RunNote(Version.kvcache(), words, arrivals, certain);
    return new ServingResults(note, info, results);
  }

  private static ServingSummary result(Future<ServingSummary> running) {
    try {
      return running.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private void print(ServingResults results) {
    PrintWriter out = spec.commandLine().getOut();
    if (!quiet) {
      out.printf(
          Locale.ROOT,
          "%s, %,d requests, digest %s; %s; %s%n",
          results.trace().name(),
          results.trace().requests(),
          results.trace().digest(),
          results.note().load(),
          seeds == 1 ? "seed " + traces.seed : seeds + " seeds from " + traces.seed);
      for (ConfigResults config : results.configs()) {
        out.println(describe(config, results.trace().blockTokens()));
      }
      out.println("times are a model's, not measured; energy is an estimate");
    }
    ServingTable.lines(results).forEach(out::println);
    out.flush();
  }

  private static String describe(ConfigResults results, int blockTokens) {
    var run = results.runs().getFirst().run();
    ServingConfig config = run.config();
    double bytes = run.totals().slots() * config.blockBytes(blockTokens);
    return String.format(
        Locale.ROOT,
        "%s: %s on %d x %s%s, %s of cache at %s bits: %,d blocks",
        results.label(),
        config.model().name(),
        config.gpus(),
        config.device().name(),
        config.replicas() > 1 ? " (" + config.replicas() + " replicas)" : "",
        ByteSize.format(bytes),
        String.format(Locale.ROOT, "%.4g", config.model().kvBits()),
        run.totals().slots());
  }
}
