package org.kvcache.bench.kernels;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.kvcache.sim.cli.Progress;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache kernels check}. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = {
      "Runs every kernel of a backend in every scheme and many shapes, and compares with exact"
          + " attention in binary64 on the values that the codes stand for.",
      "The exit code is 1 if an error is above its limit.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache kernels check",
      "  kvcache kernels check --backend emu-cuda --seed 7",
    })
final class CheckCommand implements Callable<Integer> {

  private static final String ROW = "%-9s  %-12s  %-10s  %5s  %9s  %8s  %s%n";

  @Option(
      names = "--backend",
      split = ",",
      paramLabel = "NAME",
      defaultValue = "all",
      description = {
        "Of scalar, vector, native, cuda, hip, emu-cuda, emu-sm90 and emu-hip (GPU kernels emulated"
            + " on the host, each launch twice), or all, which leaves out what does not run here."
            + " Default: ${DEFAULT-VALUE}.",
      })
  private List<String> backends = List.of();

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the random numbers. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--quick", description = "Head dim 128 only.")
  private boolean quick;

  @Option(names = "--quiet", description = "Print failures only, and no progress.")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<KernelTarget> targets = KernelTarget.named(backends);
    if (!quiet) {
      out.printf(ROW, "backend", "kernel", "scheme", "cases", "error", "limit", "");
    }
    boolean passed = true;
    for (KernelTarget target : targets) {
      String missing = target.unavailable();
      if (missing != null) {
        if (!quiet) {
          out.printf("%-9s  left out: %s%n", target.label(), missing);
        }
        continue;
      }
      try (Progress progress =
          Progress.start(target.label(), KernelChecks.steps(target, quick), quiet)) {
        CheckReport report = KernelChecks.run(target, seed, quick, progress::step);
        passed &= report.passed();
        print(out, target, report);
      }
    }
    out.flush();
    return passed ? 0 : 1;
  }

  private void print(PrintWriter out, KernelTarget target, CheckReport report) {
    for (CheckReport.Line line : report.lines()) {
      CheckResult worst = line.worst();
      if (quiet && worst.passed()) {
        continue;
      }
      out.printf(
          ROW,
          target.label(),
          worst.kernel(),
          worst.scheme(),
          line.cases(),
          String.format(Locale.ROOT, "%.2e", worst.error()),
          String.format(Locale.ROOT, "%.0e", worst.limit()),
          worst.passed() ? "" : "FAILED at " + worst.where());
    }
    out.flush();
  }
}
