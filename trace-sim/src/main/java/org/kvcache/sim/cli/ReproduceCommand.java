package org.kvcache.sim.cli;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.reproduce.Study;
import org.kvcache.sim.reproduce.StudyResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kvcache reproduce}. */
@Command(
    name = "reproduce",
    description = {
      "Serves the settings of the three papers behind this library in the simulator and prints"
          + " their figures beside ours: ARC against LRU (hit rate, time to first token), 4.25"
          + " against 8 bits in long agent sessions (UltraQuant), and a chosen set on the GPU"
          + " against the whole cache there (HERALD).",
      "Nothing is tuned towards a published figure. Where ours differs, a line says which"
          + " assumption makes the difference. All times are a model's, not measured.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache reproduce --quick",
      "  kvcache reproduce arc --traces traces --json reproduce.json",
    })
final class ReproduceCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "STUDY",
      description = "Of arc, ultraquant and herald. Default: all.")
  private List<String> names = List.of();

  @Option(
      names = "--traces",
      paramLabel = "DIR",
      description = {
        "Serve real traces too, those of docqa_zipf08_b512.jsonl.gz, docqa_hot50_b512.jsonl.gz and"
            + " mooncake_conversation_b512.jsonl.gz that this folder holds.",
      })
  private @Nullable Path traces;

  @Option(names = "--quick", description = "Fewer requests and settings.")
  private boolean quick;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Runs of each setting where something is random. Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(names = "--json", paramLabel = "FILE", description = "Write tables and claims as JSON.")
  private @Nullable String json;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (traces != null && !Files.isDirectory(traces)) {
      throw new IllegalArgumentException(
          traces + ": is not a directory; give the folder that holds the traces, or leave it out");
    }
    ReportFile file = json == null ? null : ReportFile.of(json);
    List<Study> studies = studies(Study.all(new Study.Scale(quick, seeds), traces));
    PrintWriter out = spec.commandLine().getOut();
    out.println("simulated with a cost model, not measured; see 'kvcache serve-sim --help'");
    var results = new ArrayList<StudyResult>();
    int steps = studies.stream().mapToInt(Study::steps).sum();
    try (Progress progress = Progress.start("reproduce", steps, false)) {
      for (Study study : studies) {
        progress.say(study.name());
        StudyResult result = study.run(progress::step);
        results.add(result);
        ReproduceText.lines(result).forEach(out::println);
        out.flush();
      }
    }
    if (file != null) {
      List<String> words = spec.root().commandLine().getParseResult().originalArgs();
      file.write(ReproduceReport.json(results, words));
    }
    return 0;
  }

  private List<Study> studies(List<Study> all) {
    if (names.isEmpty()) {
      return all;
    }
    var chosen = new ArrayList<Study>();
    for (String name : names) {
      chosen.add(
          all.stream()
              .filter(study -> study.name().equals(name.strip().toLowerCase(Locale.ROOT)))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "unknown study '%s'; known: %s"
                          .formatted(
                              name,
                              all.stream().map(Study::name).collect(Collectors.joining(", "))))));
    }
    return chosen;
  }
}
