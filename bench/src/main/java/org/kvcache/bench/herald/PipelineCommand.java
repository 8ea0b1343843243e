package org.kvcache.bench.herald;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.bench.FileRoles;
import org.kvcache.sim.cli.Progress;
import org.kvcache.sim.cost.Hardware;
import org.kvcache.sim.cost.ModelShape;
import org.kvcache.sim.cost.PipelineModel;
import org.kvcache.sim.cost.Presets;
import org.kvcache.sim.cost.Workload;
import org.kvcache.sim.report.ReportFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache herald pipeline}. */
@Command(
    name = "pipeline",
    mixinStandardHelpOptions = true,
    description = {
      "Models the latency and the throughput of block diffusion with the whole cache on the GPU,"
          + " and with the cache on the host and a chosen set on the GPU (HERALD), plain and with"
          + " our variations.",
      "All figures but those of --measure are a model, not measured; trust them to about ±30 %%."
          + " The dense way runs as many sequences as fit, the others the batch with the most"
          + " tokens a second, up to 256. bound: what decides the time of a block: the gpu's"
          + " denoising, the cpu's scan and gather, pcie, or the chain of one sequence's layers.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache herald pipeline --model sdar-8b --device h200",
      "  kvcache herald pipeline --model all --device all --csv pipeline.csv",
      "  kvcache herald pipeline --device laptop --context 8K,64K --block 16 --steps 8",
      "  kvcache herald pipeline --context 8K --measure modelled:64GB/s+10us",
      "  kvcache herald pipeline --models mine.json --model mine --budget 10%% --json mine.json",
    })
final class PipelineCommand implements Callable<Integer> {

  @Option(
      names = "--model",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "sdar-8b",
      description = {
        "Of llada2-mini, sdar-8b, llada-8b, fast-dllm-v2-7b and your own, or all. Default:"
            + " ${DEFAULT-VALUE}.",
      })
  private List<String> models = List.of();

  @Option(
      names = "--device",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "h200",
      description = {
        "Of h100-pcie4 (HERALD's machine), h100, h200, mi355x, laptop and your own, or all."
            + " Default: ${DEFAULT-VALUE}.",
      })
  private List<String> devices = List.of();

  @Mixin private final PipelineArguments arguments = new PipelineArguments();
  @Mixin private final MeasureArguments measure = new MeasureArguments();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Sequences at once, of every way. Default: the best.")
  private @Nullable Integer batch;

  @Option(
      names = "--models",
      paramLabel = "FILE",
      description = {
        "Your own models, as JSON: {\"mine\": {\"layers\": 36, \"queryHeads\": 32, \"kvHeads\": 8,"
            + " \"headDim\": 128, \"parameters\": 8.2e9}}.",
      })
  private @Nullable String modelFile;

  @Option(
      names = "--devices",
      paramLabel = "FILE",
      description = {
        "Your own machines, as JSON: {\"mine\": {\"gpu\": {\"memoryGB\": 141, \"bandwidthGBps\":"
            + " 4800, \"tflops\": 989}, \"host\": {\"memoryGB\": 1500, \"bandwidthGBps\": 460,"
            + " \"tflops\": 4}, \"link\": {\"bandwidthGBps\": 64}}}.",
      })
  private @Nullable String deviceFile;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the rows as JSON.")
  private @Nullable String json;

  @Option(names = "--csv", paramLabel = "FILE", description = "Write the rows as CSV.")
  private @Nullable String csv;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (batch != null && batch < 1) {
      throw new IllegalArgumentException("--batch is " + batch + "; give at least 1");
    }
    var roles = new FileRoles();
    Path ownModels = modelFile == null ? null : roles.input("--models", modelFile);
    Path ownDevices = deviceFile == null ? null : roles.input("--devices", deviceFile);
    ReportFile jsonFile = roles.optionalOutput("--json", json);
    ReportFile csvFile = roles.optionalOutput("--csv", csv);
    List<ModelShape> shapes = shapes(Presets.models(ownModels).named(models));
    List<Hardware> machines = Presets.devices(ownDevices).named(devices);
    List<List<PipelineRow>> groups = groups(shapes, machines, arguments.works());
    boolean onePair = shapes.size() * machines.size() == 1;
    if (measure.isAsked() && !onePair) {
      throw new IllegalArgumentException(
          "--measure takes one --model and one --device, whose passes it goes by");
    }
    List<PipelineMeasurement.Setting> settings =
        measure.isAsked() ? settings(shapes.getFirst(), machines.getFirst()) : List.of();
    print(groups, onePair);
    List<PipelineMeasurement.Row> measured = measured(settings);
    List<PipelineRow> rows = groups.stream().flatMap(List::stream).toList();
    if (jsonFile != null) {
      List<String> words = spec.root().commandLine().getParseResult().originalArgs();
      jsonFile.write(PipelineReport.json(rows, measured, arguments.describe(), words));
    }
    if (csvFile != null) {
      csvFile.write(PipelineReport.csv(rows));
    }
    return 0;
  }

  /** All means all that denoise blocks; others are taken only where they are named. */
  private List<ModelShape> shapes(List<ModelShape> named) {
    return models.equals(List.of(Presets.ALL))
        ? named.stream().filter(ModelShape::blockDiffusion).toList()
        : named;
  }

  private List<PipelineMeasurement.Setting> settings(ModelShape shape, Hardware machine) {
    return measure.settings(
        shape, new PipelineModel(shape, machine), arguments.plan(shape), arguments.works());
  }

  private List<PipelineMeasurement.Row> measured(List<PipelineMeasurement.Setting> settings) {
    if (settings.isEmpty()) {
      return List.of();
    }
    var rows = new ArrayList<PipelineMeasurement.Row>();
    var studies = settings.stream().map(PipelineMeasurement::new).toList();
    int ways = studies.stream().mapToInt(PipelineMeasurement::ways).sum();
    try (Progress progress = Progress.start("measure", ways, false)) {
      for (PipelineMeasurement study : studies) {
        rows.addAll(study.rows(_ -> progress.step()));
      }
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println();
    PipelineTable.measured(rows).forEach(out::println);
    out.flush();
    return rows;
  }

  private List<List<PipelineRow>> groups(
      List<ModelShape> shapes, List<Hardware> machines, List<Workload> works) {
    var groups = new ArrayList<List<PipelineRow>>();
    for (Hardware machine : machines) {
      for (ModelShape shape : shapes) {
        var study = new PipelineStudy(shape, machine, arguments.plan(shape), batch);
        works.forEach(work -> groups.add(study.rows(work)));
      }
    }
    return groups;
  }

  private void print(List<List<PipelineRow>> groups, boolean onePair) {
    PrintWriter out = spec.commandLine().getOut();
    if (onePair) {
      PipelineRow first = groups.getFirst().getFirst();
      out.println(first.model() + " on " + first.device() + ": " + PipelineReport.BASIS);
    } else {
      out.println(PipelineReport.BASIS);
    }
    out.println(arguments.describe());
    out.println();
    (onePair ? PipelineTable.detailed(groups) : PipelineTable.compact(groups))
        .forEach(out::println);
    out.flush();
  }
}
