package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.capacity.CapacitySearch;
import org.kvcache.sim.capacity.Slo;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingSimulator;
import org.kvcache.sim.trace.Trace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache capacity}. */
@Command(
    name = "capacity",
    description = {
      "Finds the highest request rate that holds an SLO, or the fewest replicas, or the smallest"
          + " cache, by simulating the serving of a trace.",
      "Steps follow how far the last probe was from its limits, then narrow between a level that"
          + " holds and one that does not. The warm-up is found once, in a run at the trace's rate"
          + " or below, and left out of every probe. A single spike, one of 40 windows of requests,"
          + " is forgiven; the probe says so. All times are a model's, see 'kvcache serve-sim"
          + " --help'.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache capacity --trace chat --slo ttft.p99=2s,itl.p90=50ms",
      "  kvcache capacity --trace trace.jsonl.gz --slo ttft.p90=1s --policy lru,adaptive --scheme"
          + " bf16,mxfp4",
      "  kvcache capacity --trace trace.jsonl.gz --rate 20/s --find devices --slo ttft.p99=2s",
      "  kvcache capacity --trace agentic --rate 1x --find cache --slo ttft.p50=300ms",
    })
final class CapacityCommand implements Callable<Integer> {
  @Mixin private final TraceArguments traces = new TraceArguments();
  @Mixin private final ServingArguments serving = new ServingArguments();
  @Mixin private final LoadArguments load = new LoadArguments();

  @Option(
      names = "--slo",
      required = true,
      paramLabel = "LIMITS",
      description = {
        "What must hold, separated by commas: METRIC.STATISTIC=TIME with the metrics ttft (to the"
            + " first token), itl (between tokens), e2e (the whole request) and the statistics p50,"
            + " p99.9, ..., mean, max; for example ttft.p99=2s,itl.p90=50ms.",
      })
  private String slo = "";

  @Option(
      names = "--find",
      paramLabel = "WHAT",
      defaultValue = "rate",
      description = {
        "rate (the highest), devices (the fewest replicas at --rate) or cache (the smallest at"
            + " --rate). Default: ${DEFAULT-VALUE}.",
      })
  private String find = "";

  @Option(
      names = "--tolerance",
      paramLabel = "SHARE",
      defaultValue = "2%",
      description = "How near the level that holds and one that does not must be. Default: 2%%.")
  private String tolerance = "";

  @Option(
      names = "--probes",
      paramLabel = "N",
      defaultValue = "12",
      description = "The most levels that are tried. Default: ${DEFAULT-VALUE}.")
  private int probes;

  @Option(
      names = "--spikes",
      paramLabel = "N",
      defaultValue = "1",
      description = "Windows, of 40, that may break the limits. Default: ${DEFAULT-VALUE}.")
  private int spikes;

  @Option(
      names = "--max-replicas",
      paramLabel = "N",
      defaultValue = "64",
      description = "Of --find devices: the most replicas. Default: ${DEFAULT-VALUE}.")
  private int maxReplicas;

  @Option(names = "--json", paramLabel = "FILE", description = "Write every probe as JSON.")
  private @Nullable String json;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write every probe as CSV.")
  private @Nullable String csv;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the answers and errors only.")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    var objectives = Slo.parse(slo);
    var what = Sought.parse(find);
    Count.atLeast(1, "--probes", probes);
    Count.atLeast(0, "--spikes", spikes);
    Count.atLeast(1, "--max-replicas", maxReplicas);
    double near = Share.parse("--tolerance", tolerance);
    if (near < CapacitySearch.FINEST || near >= 1) {
      throw new IllegalArgumentException(
          "--tolerance '%s' is not from 0.01%% up to 100%%; write 2%% or 0.02"
              .formatted(tolerance));
    }
    if (load.closed()) {
      throw new IllegalArgumentException(
          "capacity goes by rates, and --users wait for answers; leave out --users");
    }
    var files = new ServingFiles(traces, serving);
    ReportFile jsonFile = files.output("--json", json);
    ReportFile csvFile = files.output("--csv", csv);
    List<ServingConfig> configs = serving.configs(List.of("adaptive"));
    List<String> specifications = traces.specifications();
    if (specifications.size() > 1) {
      throw new IllegalArgumentException(
          "capacity searches on one trace at a time; give --trace one of them");
    }
    Trace trace = traces.load(specifications.getFirst());
    load.load(trace);
    var settings = new CapacityRun.Settings(what, objectives, near, probes, spikes, maxReplicas);
    var searches = new ArrayList<CapacityRun>();
    for (ServingConfig config : configs) {
      config.slots(trace.blockTokens());
      searches.add(
          new CapacityRun(new ServingSimulator(trace), config, load, settings, traces.seed));
    }
    List<CapacityAnswer> answers = search(searches, trace);
    if (jsonFile != null) {
      List<String> words = spec.root().commandLine().getParseResult().originalArgs();
      jsonFile.write(CapacityReport.json(answers, trace, settings, words));
    }
    if (csvFile != null) {
      csvFile.write(CapacityReport.csv(answers));
    }
    boolean allFound = true;
    for (CapacityAnswer answer : answers) {
      if (answer.finding().answer().isEmpty()) {
        allFound = false;
        spec.commandLine()
            .getErr()
            .printf(
                "kvcache: %s: %s%n",
                CapacityText.name(answer),
                answer.finding().why(level -> CapacityText.level(answer, level)));
      }
    }
    return allFound ? 0 : Complaint.BAD_INPUT;
  }

  private List<CapacityAnswer> search(List<CapacityRun> searches, Trace trace) {
    PrintWriter out = spec.commandLine().getOut();
    var answers = new ArrayList<CapacityAnswer>();
    if (!quiet) {
      out.printf(
          Locale.ROOT,
          "%s, %,d requests, digest %s, seed %d; %s%n",
          trace.name(),
          trace.requests(),
          trace.digest(),
          traces.seed,
          slo);
      out.println("times are a model's, not measured");
    }
    try (Progress progress =
        Progress.start("capacity", (long) searches.size() * (probes + 1), quiet)) {
      for (CapacityRun search : searches) {
        progress.say(search.config().label());
        CapacityAnswer answer = search.search(probe -> progress.step());
        progress.skip((long) probes - answer.finding().probes().size());
        answers.add(answer);
        if (!quiet) {
          CapacityText.probes(answer).forEach(out::println);
          out.flush();
        }
      }
    }
    out.println();
    CapacityText.answers(answers).forEach(out::println);
    out.flush();
    return answers;
  }
}
