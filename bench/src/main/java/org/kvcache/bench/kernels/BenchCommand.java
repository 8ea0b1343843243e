package org.kvcache.bench.kernels;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.bench.FileRoles;
import org.kvcache.sim.cli.Progress;
import org.kvcache.sim.report.ReportFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code kvcache kernels bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Times decode attention in each scheme: on CPUs one thread over 32,768 tokens, on GPUs 16"
          + " sequences of 8,192 tokens by events. Buffers take turns, so that none is in a cache.",
      "GB/s: bytes of codes and scales. of copy: over the bandwidth of a copy measured here. vs"
          + " widest: how many times sooner than f32 (CPUs) or bf16 (GPUs).",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache kernels bench",
      "  kvcache kernels bench --backend cuda --json kernels.json",
    })
final class BenchCommand implements Callable<Integer> {

  private static final String ROW = "%-8s  %-8s  %10s  %10s  %8s  %8s  %9s  %7s%n";

  @Option(
      names = "--backend",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "vector",
      description = "Of scalar, vector, native, cuda and hip. Default: ${DEFAULT-VALUE}.")
  private List<String> backends = List.of();

  @Option(
      names = "--rotate-mib",
      paramLabel = "N",
      defaultValue = "256",
      description = {
        "MiB of blocks that calls on CPUs take turns on; more than the last cache holds. Default:"
            + " ${DEFAULT-VALUE}.",
      })
  private int rotateMib;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the numbers there too.")
  private @Nullable String json;

  @Option(names = "--quiet", description = "No progress.")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (rotateMib < 1) {
      throw new IllegalArgumentException("--rotate-mib is " + rotateMib + "; give at least 1");
    }
    ReportFile file = new FileRoles().optionalOutput("--json", json);
    for (String name : backends) {
      if (name.startsWith("emu-")) {
        throw new IllegalArgumentException(
            "backend '" + name + "' is emulated and its time means nothing; check it instead");
      }
    }
    List<KernelTarget> targets =
        KernelTarget.named(backends).stream()
            .filter(target -> !target.emulated() && target.unavailable() == null)
            .toList();
    var lines = new ArrayList<BenchLine>();
    try (Progress progress = Progress.start("kernels", targets.size(), quiet)) {
      for (KernelTarget target : targets) {
        lines.addAll(
            target.onDevice()
                ? DeviceBench.run(target)
                : HostBench.run(target, (long) rotateMib << 20));
        progress.step();
      }
    }
    print(lines);
    if (file != null) {
      file.write(
          JsonMapper.builder()
              .build()
              .writerWithDefaultPrettyPrinter()
              .writeValueAsString(Map.of("kernels", lines)));
    }
    return 0;
  }

  private void print(List<BenchLine> lines) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(ROW, "backend", "scheme", "MB", "us", "GB/s", "of copy", "vs widest", "vs fp8");
    for (BenchLine line : lines) {
      out.printf(
          ROW,
          line.backend(),
          line.scheme(),
          number("%.1f", line.bytes() / 1e6),
          number("%.1f", line.micros()),
          number("%.1f", line.gigabytes()),
          number("%.2f", line.ofCopy()),
          number("%.2f", line.timesBaseline()),
          number("%.2f", line.timesFp8()));
    }
    out.flush();
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
