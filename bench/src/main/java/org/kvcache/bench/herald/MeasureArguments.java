package org.kvcache.bench.herald;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.KvShape;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.PipelineModel;
import org.kvcache.sim.cost.RetrievalPlan;
import org.kvcache.sim.cost.Workload;
import picocli.CommandLine.Option;

/** The options of what is measured beside the model. */
final class MeasureArguments {

  private static final String MODELLED = "modelled";

  @Option(
      names = "--measure",
      paramLabel = "DEVICE",
      description = {
        "Measure the pipeline of this library too, one sequence: on cuda or hip, or on 'modelled',"
            + " where passes take the time that the model says and a link such as"
            + " 'modelled:64GB/s+10us' moves the pages.",
      })
  private @Nullable String device;

  @Option(
      names = "--layers",
      paramLabel = "N",
      description = {
        "Layers that are measured, each with its share of a pass. Default: 4 on 'modelled', else"
            + " all.",
      })
  private @Nullable Integer layers;

  @Option(
      names = "--blocks",
      paramLabel = "N",
      defaultValue = "15",
      description = "Blocks that are measured, whose median counts. Default: ${DEFAULT-VALUE}.")
  private int blocks;

  /** Called by picocli. */
  MeasureArguments() {}

  boolean isAsked() {
    return device != null;
  }

  /** What to measure of a model, for each context. */
  List<PipelineMeasurement.Setting> settings(
      ModelShape model, PipelineModel pipeline, RetrievalPlan plan, List<Workload> works) {
    String on = device == null ? MODELLED : device;
    boolean modelled = on.equals(MODELLED) || on.startsWith(MODELLED + ":");
    int measured =
        layers == null ? (modelled ? Math.min(4, model.layers()) : model.layers()) : layers;
    if (measured < 1 || measured > model.layers()) {
      throw new IllegalArgumentException(
          "--layers is %d; %s has %d, so give 1 to %d"
              .formatted(measured, model.name(), model.layers(), model.layers()));
    }
    if (blocks < 1) {
      throw new IllegalArgumentException("--blocks is " + blocks + "; give at least 1");
    }
    KvShape shape = KvShape.of(measured, model.kvHeads(), model.headDim(), model.queryHeads());
    var settings = new ArrayList<PipelineMeasurement.Setting>();
    for (Workload work : works) {
      double read = plan.budget() * work.contextTokens() + 2.0 * work.blockTokens();
      double pass = pipeline.passSeconds(1, work.blockTokens(), read) * measured / model.layers();
      settings.add(
          new PipelineMeasurement.Setting(
              shape,
              on,
              work.contextTokens(),
              work.blockTokens(),
              work.steps(),
              modelled ? Math.round(pass * 1e9) : 0,
              plan.budget(),
              plan.queries(),
              blocks));
    }
    return settings;
  }
}
