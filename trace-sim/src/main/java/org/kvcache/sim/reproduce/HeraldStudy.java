package org.kvcache.sim.reproduce;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.PipelineModel;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.cost.RetrievalPlan;
import org.kvcache.sim.cost.Workload;
import org.kvcache.sim.serving.Batching;
import org.kvcache.sim.serving.Decoding;
import org.kvcache.sim.serving.Load;
import org.kvcache.sim.serving.ServingConfig;
import org.kvcache.sim.serving.ServingSimulator;
import org.kvcache.sim.serving.ServingSummary;
import org.kvcache.sim.trace.Request;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceBuilder;
import org.kvcache.sim.trace.TraceOptions;

/**
 * The cache on the host and a chosen set on the GPU, against the whole cache on the GPU, for block
 * diffusion (HERALD, arXiv 2606.21633): latency of a block and throughput, by length of context.
 */
final class HeraldStudy implements Study {
  private static final String DEVICE = "h100-pcie4";
  private static final int BLOCK = 32;
  private static final int STEPS = 20;
  private static final double BUDGET = 0.05;
  private static final int ANSWER = 1024;
  private static final int MOST_SEQUENCES = 256;
  private static final int ROUNDS = 3;

  private final List<String> models;
  private final List<Integer> contexts;

  HeraldStudy(Scale scale) {
    models = scale.quick() ? List.of("sdar-8b") : List.of("sdar-8b", "llada2-mini");
    contexts = scale.quick() ? List.of(16 << 10) : List.of(16 << 10, 32 << 10, 64 << 10);
  }

  @Override
  public String name() {
    return "herald";
  }

  @Override
  public int steps() {
    return models.size() * contexts.size();
  }

  @Override
  public StudyResult run(Runnable done) {
    var settings = new ArrayList<Setting>();
    Hardware device = Presets.devices(null).named(List.of(DEVICE)).getFirst();
    for (ModelShape model : Presets.models(null).named(models)) {
      for (int context : contexts) {
        settings.add(Setting.of(model, device, context));
        done.run();
      }
    }
    return new StudyResult(
        "the cache on the host and 5 % of it on the GPU, for block diffusion (HERALD)",
        List.of(
            "the paper's machine ("
                + DEVICE
                + "), blocks of 32 tokens, 20 denoising passes and one that commits, one query,"
                + " nothing reused, look-ahead on",
            "prompts of one length with nothing in common, answers of 1,024 tokens, as many users"
                + " as give the most; prompts are computed too, which the model of decoding alone"
                + " leaves out",
            "latency is that of a block with as many sequences as fit on the GPU whole"),
        List.of(
            "model",
            "context",
            "sequences",
            "block whole",
            "herald",
            "latency",
            "tokens/s whole",
            "herald",
            "throughput",
            "decoding alone"),
        settings.stream().map(Setting::row).toList(),
        claims(settings));
  }

  private static List<Claim> claims(List<Setting> settings) {
    Setting fastest = settings.getFirst();
    Setting most = settings.getFirst();
    for (Setting setting : settings) {
      fastest = setting.latency() > fastest.latency() ? setting : fastest;
      most = setting.decodingAlone() > most.decodingAlone() ? setting : most;
    }
    double[] latencies = settings.stream().mapToDouble(Setting::latency).toArray();
    double[] rates = settings.stream().mapToDouble(Setting::decodingAlone).toArray();
    return List.of(
        new Claim(
            "latency of a block, whole over HERALD",
            "x",
            1.59,
            fastest.latency(),
            Spread.least(latencies),
            Spread.most(latencies),
            1,
            "the setting with the largest gain: " + fastest.name(),
            "batch: ours is what fits beside the weights, and an engine's overheads count for a"
                + " fixed time a layer only"),
        new Claim(
            "throughput of decoding, HERALD over whole",
            "x",
            2.47,
            most.decodingAlone(),
            Spread.least(rates),
            Spread.most(rates),
            1,
            String.format(
                Locale.ROOT,
                "the setting with the largest gain: %s; served with its prompts it is %.2fx",
                most.name(),
                most.throughput()),
            "prompts: ours are computed on the same GPU when served, which both ways pay for"));
  }

  /** One model and length. */
  private record Setting(
      String model,
      int context,
      int sequences,
      double wholeBlock,
      double heraldBlock,
      double wholeRate,
      double heraldRate,
      double decodingAlone) {

    static Setting of(ModelShape model, Hardware device, int context) {
      var work = new Workload(context, BLOCK, STEPS);
      var plan = new RetrievalPlan(BUDGET, 1, model.kvBits(), 0, 1, true);
      var decoding = new PipelineModel(model, device);
      int fits = Math.max(1, decoding.denseRoom(new Workload(context + ANSWER, BLOCK, STEPS)));
      ServingConfig whole =
          ServingConfig.of(model, device, "lru")
              .withDecoding(new Decoding.BlockDiffusion(BLOCK, STEPS));
      ServingConfig herald = whole.withDecoding(new Decoding.Herald(BLOCK, STEPS, plan));
      double wholeDecoding = decoding.dense(work, fits).tokensPerSecond();
      int room = Math.min(MOST_SEQUENCES, decoding.heraldRoom(work, plan));
      double heraldDecoding = decoding.bestHerald(work, plan, room).tokensPerSecond();
      return new Setting(
          model.name(),
          context,
          fits,
          block(serve(whole, context, fits)),
          block(serve(herald, context, fits)),
          serve(whole, context, MOST_SEQUENCES).outputTokensPerSecond(),
          serve(herald, context, MOST_SEQUENCES).outputTokensPerSecond(),
          heraldDecoding / wholeDecoding);
    }

    private static double block(ServingSummary summary) {
      return BLOCK * summary.all().gaps().seconds(50);
    }

    private static ServingSummary serve(ServingConfig config, int context, int users) {
      Trace trace = equalPrompts(context, users * ROUNDS);
      ServingConfig served =
          config.withBatching(new Batching(users, 8192, Batching.Preemption.RECOMPUTE, 0));
      var load = new Load.Closed(users, OptionalDouble.empty());
      return ServingSummary.from(new ServingSimulator(trace).run(served, load, 0), trace, 0);
    }

    /** Blocks of 16 tokens, so that what does not fill one takes next to nothing. */
    private static Trace equalPrompts(int context, int requests) {
      try (var builder = new TraceBuilder("equal prompts", 16, TraceOptions.ALL)) {
        var request = new Request();
        for (int i = 0; i < requests; i++) {
          request.clear();
          request.set(0, context, ANSWER, Request.NONE, Request.NONE);
          builder.add(request);
        }
        return builder.build();
      }
    }

    String name() {
      return model + " at " + context / 1024 + "K";
    }

    double latency() {
      return wholeBlock / heraldBlock;
    }

    double throughput() {
      return heraldRate / wholeRate;
    }

    List<String> row() {
      return List.of(
          model,
          context / 1024 + "K",
          Integer.toString(sequences),
          String.format(Locale.ROOT, "%.0f ms", 1e3 * wholeBlock),
          String.format(Locale.ROOT, "%.0f ms", 1e3 * heraldBlock),
          String.format(Locale.ROOT, "x%.2f", latency()),
          String.format(Locale.ROOT, "%.0f", wholeRate),
          String.format(Locale.ROOT, "%.0f", heraldRate),
          String.format(Locale.ROOT, "x%.2f", throughput()),
          String.format(Locale.ROOT, "x%.2f", decodingAlone));
    }
  }
}
