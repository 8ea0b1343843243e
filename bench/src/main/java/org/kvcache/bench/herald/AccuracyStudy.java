package org.kvcache.bench.herald;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kvcache.RetrievalStats;
import org.kvcache.bench.diffusion.Denoiser;
import org.kvcache.bench.diffusion.DiffusionConfig;
import org.kvcache.bench.diffusion.DiffusionModel;
import org.kvcache.bench.diffusion.LookUpTask;
import org.kvcache.bench.diffusion.LookUpTask.Kind;
import org.kvcache.bench.diffusion.LookUpTask.Score;
import org.kvcache.sim.cli.Progress;

/**
 * Which ways to choose find what a trained model looks for. Each task is worked on once with full
 * attention, which gives K and V of the prompt and what choices are judged by, and then by each
 * method through a cache.
 */
final class AccuracyStudy {

  private final AccuracySettings settings;
  private final List<LookUpTask> tasks;

  AccuracyStudy(AccuracySettings settings, List<LookUpTask> tasks) {
    this.settings = settings;
    this.tasks = List.copyOf(tasks);
  }

  /** Steps of the progress. */
  long steps() {
    return (long) tasks.size() * (settings.trials() + 1);
  }

  /** Rows by scheme, then method, then budget. */
  List<AccuracyRow> run(Progress progress) {
    DiffusionModel model = DiffusionModel.builtIn();
    try (var denoiser = new Denoiser(model)) {
      return run(model.config(), denoiser, progress);
    }
  }

  private List<AccuracyRow> run(DiffusionConfig config, Denoiser denoiser, Progress progress) {
    var prompts = new ArrayList<PromptKv>();
    Map<Cell, Kept> kept = new LinkedHashMap<>();
    for (LookUpTask task : tasks) {
      var full = new RecordedKv(config, task.prompt().length() + task.expected().length());
      denoiser.prefill(full, task.promptTokens());
      prompts.add(new PromptKv(task, full.keys(), full.values()));
      if (settings.recall()) {
        denoiser.generate(full, task.blocks());
        judge(new KeptAttention(config, full), task.kind(), kept);
      }
      progress.step();
    }
    var trial = new AnswerTrial(config, denoiser, settings.slack());
    var rows = new ArrayList<AccuracyRow>();
    for (KeyScheme scheme : settings.schemes()) {
      for (RetrievalMethod method : settings.methods()) {
        for (double budget : method.budgets(settings.budgets())) {
          progress.say(method.name());
          AnswerTrial.Result result = trial.run(prompts, method, scheme, budget, progress);
          rows.add(
              row(
                  method,
                  scheme,
                  budget,
                  result,
                  kept.get(new Cell(method, scheme, budget, Kind.ONE)),
                  kept.get(new Cell(method, scheme, budget, Kind.TWO))));
        }
      }
    }
    return rows;
  }

  private record Cell(RetrievalMethod method, KeyScheme scheme, double budget, Kind kind) {}

  private void judge(KeptAttention attention, Kind kind, Map<Cell, Kept> kept) {
    for (KeyScheme scheme : settings.schemes()) {
      for (RetrievalMethod method : settings.methods()) {
        if (method.retriever().equals(RetrievalMethod.DENSE)) {
          continue;
        }
        List<Double> budgets = method.budgets(settings.budgets());
        List<Kept> measured = attention.measure(method, scheme, budgets);
        for (int i = 0; i < measured.size(); i++) {
          kept.merge(new Cell(method, scheme, budgets.get(i), kind), measured.get(i), Kept::plus);
        }
      }
    }
  }

  private AccuracyRow row(
      RetrievalMethod method,
      KeyScheme scheme,
      double budget,
      AnswerTrial.Result result,
      @Nullable Kept one,
      @Nullable Kept two) {
    Score scoreOne = result.scores().getOrDefault(Kind.ONE, Score.NONE);
    Score scoreTwo = result.scores().getOrDefault(Kind.TWO, Score.NONE);
    RetrievalStats stats = result.stats();
    boolean dense = method.retriever().equals(RetrievalMethod.DENSE);
    double blocks = tasks.stream().mapToInt(LookUpTask::blocks).sum();
    return new AccuracyRow(
        method.name(),
        scheme.toString(),
        budget,
        scoreOne.blockAccuracy(),
        scoreOne.columnAccuracy(),
        scoreTwo.blockAccuracy(),
        scoreTwo.columnAccuracy(),
        one == null ? null : one.share(),
        two == null ? null : two.share(),
        asked(one, two),
        stats.scannedKeys() / blocks,
        stats.wantedPages() / blocks,
        stats.wantedPages() == 0 ? null : (double) stats.movedPages() / stats.wantedPages(),
        dense ? null : stats.overlap());
  }

  private static @Nullable Double asked(@Nullable Kept one, @Nullable Kept two) {
    if (one == null || two == null) {
      return null;
    }
    double asked = one.plus(two).meanAsked();
    return asked > 0 ? asked : null;
  }
}
