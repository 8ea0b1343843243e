package org.kvcache.bench.quality;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.bench.FileRoles;
import org.kvcache.sim.cli.Progress;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache quality}. */
@Command(
    name = "quality",
    description = {
      "Measures what schemes do to attention.",
      "Made-up heads of five kinds are stored in each scheme and attended to on the codes: gauss"
          + " (normal), outl (a few large channels), bias (a few with a large mean), rope (those"
          + " before a rotary embedding), heavy (long tails). outl and bias are worse than most"
          + " real heads. Schemes that take a calibration get one, from other tokens of the same"
          + " head. Numbers are medians over the heads.",
      "--kv adds heads of a real model: a safetensors file with k and v [layers, kvHeads, tokens,"
          + " headDim] and q [layers, kvHeads, queries, headDim], as attention sees them. They are"
          + " calibrated on the first half of their tokens and every other query, and measured on"
          + " all tokens with the other queries.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache quality",
      "  kvcache quality --schemes mxfp4,lm16,fp8+lm16 --head-dim 64 --context 32768",
      "  kvcache quality --kv qwen.safetensors --distributions captured --json qwen.json",
      "  kvcache quality --formats --head-dim 128",
    })
final class QualityCommand implements Callable<Integer> {

  @Option(
      names = "--schemes",
      split = ",",
      paramLabel = "NAME",
      description = {
        "Schemes, or K+V formats such as fp8+lm16. Default: all of 'kvcache schemes' that take the"
            + " head dim.",
      })
  private @Nullable List<String> schemes;

  @Option(
      names = "--distributions",
      split = ",",
      paramLabel = "NAME",
      description = "Of gauss, outl, bias, rope, heavy and, with --kv, captured. Default: all.")
  private @Nullable List<String> distributions;

  @Option(
      names = "--head-dim",
      paramLabel = "D",
      defaultValue = "128",
      description = "Elements of a row of the made-up heads. Default: ${DEFAULT-VALUE}.")
  private int headDim;

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "8192",
      description = "Their tokens. Default: ${DEFAULT-VALUE}.")
  private int context;

  @Option(
      names = "--logit-std",
      paramLabel = "X",
      defaultValue = "2.5",
      description = {
        "Deviation of their exact logits: 1 is diffuse, 2.5 peaked. Default: ${DEFAULT-VALUE}.",
      })
  private double logitStd;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How many of them of each kind. Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--queries",
      paramLabel = "N",
      defaultValue = "96",
      description = "Queries of a head, of captured ones at most. Default: ${DEFAULT-VALUE}.")
  private int queries;

  @Option(names = "--no-calibration", description = "Calibrate no scheme.")
  private boolean noCalibration;

  @Option(names = "--kv", paramLabel = "FILE", description = "Captured heads (.safetensors).")
  private @Nullable String kv;

  @Option(
      names = "--calibration",
      paramLabel = "FILE",
      description = "A calibration of the captured heads, instead of one from their first half.")
  private @Nullable String calibration;

  @Option(
      names = "--formats",
      description = "Measure each format alone on normal rows, without attention.")
  private boolean formats;

  @Mixin private QualityOutput output = new QualityOutput();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    var settings = new QualitySettings(headDim, context, logitStd, seeds, queries, kv);
    var roles = new FileRoles();
    Path captured = kv == null ? null : roles.input("--kv", kv);
    Path calibrated = calibration == null ? null : roles.input("--calibration", calibration);
    QualityOutput.Files files = output.files(roles);
    if (calibrated != null && (captured == null || noCalibration)) {
      throw new IllegalArgumentException(
          "--calibration is of captured heads; "
              + (captured == null ? "name them with --kv" : "leave out --no-calibration"));
    }
    if (formats) {
      measureFormats(files);
    } else {
      measureSchemes(settings, subjects(captured, calibrated), files);
    }
    return 0;
  }

  private void measureFormats(QualityOutput.Files files) {
    if (schemes != null || distributions != null || kv != null || files.png() != null) {
      throw new IllegalArgumentException(
          "--formats is a study of its own; leave out --schemes, --distributions, --kv and --png");
    }
    List<FormatStudy.Result> results = FormatStudy.run(headDim, 0);
    print("head dim %d, standard normal rows, as they come".formatted(headDim));
    QualityTable.ofFormats(results).forEach(spec.commandLine().getOut()::println);
    files.write(
        () -> QualityReport.formatsJson(results, arguments()),
        () -> QualityReport.formatsCsv(results));
  }

  private void measureSchemes(
      QualitySettings settings, List<Subject> subjects, QualityOutput.Files files) {
    List<SchemeSpec> measured =
        schemes == null
            ? Schemes.all().stream()
                .filter(scheme -> Schemes.takes(scheme, headDims(subjects)))
                .toList()
            : new LinkedHashSet<>(schemes).stream().map(CodecCatalog::scheme).toList();
    if (measured.isEmpty()) {
      throw new IllegalArgumentException(
          schemes == null
              ? "no scheme takes head dim %s; name formats with --schemes"
                  .formatted(headDims(subjects))
              : "--schemes names none; 'kvcache schemes' lists them");
    }
    var study = new QualityStudy(measured, !noCalibration, subjects);
    List<QualityResult> results;
    try (Progress progress = Progress.start("measuring", study.steps(), output.quiet)) {
      results = study.run(progress);
    }
    print(settings.title(results));
    QualityTable.of(results).forEach(spec.commandLine().getOut()::println);
    files.write(
        () -> QualityReport.json(results, settings, arguments()), () -> QualityReport.csv(results));
    files.draw(() -> new QualityChart(results, settings.title(results)));
  }

  private static List<Integer> headDims(List<Subject> subjects) {
    return subjects.stream().map(Subject::headDim).distinct().toList();
  }

  private void print(String title) {
    if (!output.quiet) {
      spec.commandLine().getOut().println(title + System.lineSeparator());
    }
  }

  private List<String> arguments() {
    return spec.root().commandLine().getParseResult().originalArgs();
  }

  private List<Subject> subjects(@Nullable Path captured, @Nullable Path calibrated) {
    var names =
        new LinkedHashSet<>(distributions == null ? KvDistribution.labels() : distributions);
    if (captured != null) {
      names.add(CapturedHead.DISTRIBUTION);
    } else if (names.contains(CapturedHead.DISTRIBUTION)) {
      throw new IllegalArgumentException("--distributions asks for captured heads; name --kv");
    }
    var subjects = new ArrayList<Subject>();
    for (String name : names) {
      if (name.equals(CapturedHead.DISTRIBUTION)) {
        subjects.addAll(CapturedHead.all(Objects.requireNonNull(captured), calibrated, queries));
        continue;
      }
      KvDistribution kind = KvDistribution.labelled(name);
      for (int seed = 0; seed < seeds; seed++) {
        subjects.add(new SyntheticHead(kind, headDim, context, queries, logitStd, seed));
      }
    }
    return subjects;
  }
}
