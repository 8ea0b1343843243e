package org.kvcache.bench.herald;

import java.io.PrintWriter;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.bench.FileRoles;
import org.kvcache.bench.diffusion.LookUpTask;
import org.kvcache.sim.cli.Progress;
import org.kvcache.sim.report.Charts;
import org.kvcache.sim.report.ReportFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache herald accuracy}. */
@Command(
    name = "accuracy",
    mixinStandardHelpOptions = true,
    description = {
      "Measures which ways to choose a part of the cache find what a model looks for.",
      "A small trained block-diffusion model looks records up in its prompt: one record for each"
          + " block of the answer, or two. It answers through a cache with retrieval; a block is"
          + " right if its 15 columns are. Then it is measured how much of full attention to the"
          + " prefix the chosen pages would have kept. K and V of prompts are computed with full"
          + " attention. The model's attention is sharper than a large one's: read orders, not"
          + " absolutes.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache herald accuracy",
      "  kvcache herald accuracy --retrievers dense,herald:1,herald:2 --budgets 2%%,5%%,10%%,20%%",
      "  kvcache herald accuracy --schemes f32,lm16,f32/mxfp4 --prompts 14 --json accuracy.json",
    })
final class AccuracyCommand implements Callable<Integer> {

  private static final int PROMPTS = 4;
  private static final int TOKENS = 1776;
  private static final int QUICK_PROMPTS = 1;
  private static final int QUICK_TOKENS = 784;

  @Option(
      names = "--retrievers",
      split = ",",
      paramLabel = "NAME",
      description = {
        "Ways to choose, as NAME[:QUERIES][:token][:once]: QUERIES tokens of the block are asked,"
            + " single tokens are chosen and not pages of 16, each block chooses for itself and"
            + " not one block ahead. dense sees everything. Default: a dozen.",
      })
  private @Nullable List<String> retrievers;

  @Option(
      names = "--schemes",
      split = ",",
      paramLabel = "NAME",
      description = {
        "Schemes of 'kvcache schemes', as STORED[/SCORED]: keys are scored as they are stored, or"
            + " by a copy. Default: f32,f32/mxfp4,mxfp4.",
      })
  private @Nullable List<String> schemes;

  @Option(
      names = "--budgets",
      split = ",",
      paramLabel = "SHARE",
      description = "Shares of the prefix in each layer and KV head. Default: 5%%,10%%.")
  private @Nullable List<String> budgets;

  @Option(
      names = "--prompts",
      paramLabel = "N",
      description = "Prompts of each kind. Default: " + PROMPTS + ".")
  private @Nullable Integer prompts;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens of a prompt, a multiple of 16. Default: " + TOKENS + ".")
  private @Nullable Integer tokens;

  @Option(
      names = "--blocks",
      paramLabel = "N",
      defaultValue = "4",
      description = "Blocks of an answer. Default: ${DEFAULT-VALUE}.")
  private int blocks;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the prompts. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--slack",
      paramLabel = "X",
      defaultValue = "0.5",
      description = {
        "Places on the device for what was chosen before, as a share of those for what is."
            + " Default: ${DEFAULT-VALUE}.",
      })
  private double slack;

  @Option(
      names = "--shared",
      paramLabel = "FILE",
      description = "Take the prompts of that length from a prompts.json.")
  private @Nullable String shared;

  @Option(names = "--no-recall", description = "Do not measure how much attention is kept.")
  private boolean noRecall;

  @Option(
      names = "--quick",
      description = {
        "Some seconds: four ways, f32, 10%%, "
            + QUICK_PROMPTS
            + " prompt of each kind of "
            + QUICK_TOKENS
            + " tokens, unless named otherwise.",
      })
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the rows as JSON.")
  private @Nullable String json;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write the rows as CSV.")
  private @Nullable String csv;

  @Option(
      names = "--png",
      paramLabel = "FILE",
      description = "Draw right blocks by budget (.png or .svg).")
  private @Nullable String png;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the tables and errors only.")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    var roles = new FileRoles();
    var file = shared == null ? null : roles.input("--shared", shared);
    ReportFile jsonFile = roles.optionalOutput("--json", json);
    ReportFile csvFile = roles.optionalOutput("--csv", csv);
    ReportFile pngFile = roles.optionalOutput("--png", png);
    if (pngFile != null && !List.of("png", "svg").contains(pngFile.kind())) {
      throw new IllegalArgumentException(
          pngFile + ": charts are written as .png or .svg; change the name's end");
    }
    AccuracySettings settings = settings();
    int count = prompts != null ? prompts : quick ? QUICK_PROMPTS : PROMPTS;
    int length = tokens != null ? tokens : quick ? QUICK_TOKENS : TOKENS;
    atLeastOne("--prompts", count);
    atLeastOne("--blocks", blocks);
    if (!(slack >= 0 && slack <= 16)) {
      throw new IllegalArgumentException("--slack is " + slack + "; give 0 to 16");
    }
    List<LookUpTask> tasks =
        file == null
            ? AccuracyTasks.generated(seed, count, length, blocks)
            : AccuracyTasks.read(file, count, length);
    var study = new AccuracyStudy(settings, tasks);
    List<AccuracyRow> rows;
    try (Progress progress = Progress.start("answering", study.steps(), quiet)) {
      rows = study.run(progress);
    }
    PrintWriter out = spec.commandLine().getOut();
    String title = title(tasks, length);
    if (!quiet) {
      out.println(title + System.lineSeparator());
    }
    AccuracyTable.of(rows, settings.budgets()).forEach(out::println);
    out.flush();
    if (jsonFile != null) {
      List<String> words = spec.root().commandLine().getParseResult().originalArgs();
      jsonFile.write(AccuracyReport.json(rows, title, words));
    }
    if (csvFile != null) {
      csvFile.write(AccuracyReport.csv(rows));
    }
    if (pngFile != null) {
      Charts.draw(charts(rows, settings), 1, pngFile);
    }
    return 0;
  }

  private static List<AccuracyChart> charts(List<AccuracyRow> rows, AccuracySettings settings) {
    return settings.schemes().stream()
        .map(KeyScheme::toString)
        .map(scheme -> rows.stream().filter(row -> row.scheme().equals(scheme)).toList())
        .map(some -> new AccuracyChart(some, settings.budgets()))
        .toList();
  }

  private AccuracySettings settings() {
    List<String> methods = retrievers;
    if (methods == null && quick) {
      methods = List.of("dense", "exact", "herald:1", "herald:2");
    }
    List<String> stored = schemes;
    if (stored == null && quick) {
      stored = List.of("f32");
    }
    List<String> shares = budgets;
    if (shares == null) {
      shares = quick ? List.of("10%") : List.of("5%", "10%");
    }
    return new AccuracySettings(
        methods == null
            ? RetrievalMethod.usual()
            : new LinkedHashSet<>(methods).stream().map(RetrievalMethod::parse).toList(),
        stored == null
            ? KeyScheme.usual()
            : stored.stream().map(KeyScheme::parse).distinct().toList(),
        shares.stream()
            .map(share -> PipelineArguments.share("--budgets", share))
            .distinct()
            .sorted()
            .toList(),
        slack,
        !noRecall);
  }

  private String title(List<LookUpTask> tasks, int length) {
    int answered = tasks.stream().mapToInt(LookUpTask::blocks).sum();
    return "%d prompts of %d tokens, half of them with one needle for each block and half"
            .formatted(tasks.size(), length)
        + " with two; %d blocks".formatted(answered)
        + "; slack "
        + slack
        + (shared == null ? "; seed " + seed : "");
  }

  private static void atLeastOne(String option, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(option + " is " + value + "; give at least 1");
    }
  }
}
