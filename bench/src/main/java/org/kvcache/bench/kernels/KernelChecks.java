package org.kvcache.bench.kernels;

import java.util.List;
import org.kvcache.AttentionWindow;
import org.kvcache.kernels.device.Device;
import org.kvcache.spi.AttentionBackend;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;

/** Every check of one target. */
final class KernelChecks {

  private static final List<String> DEVICE_SCHEMES =
      List.of("bf16", "fp8", "mxfp4", "mxfp4:ocp+mxfp4:ocp", "ultraquant", "k8v4", "lm16");
  private static final List<Integer> ALL_DIMS = List.of(64, 128, 256);
  private static final List<Integer> QUICK_DIMS = List.of(128);
  private static final List<Integer> GROUPS = List.of(1, 3, 8);
  private static final List<AttentionWindow> WINDOWS =
      List.of(AttentionWindow.ALL, new AttentionWindow(3, 50));
  private static final int LENGTH = 384;
  private static final List<Integer> STAGED = List.of(0, 40, LENGTH);

  private KernelChecks() {}

  private static List<String> hostSchemes() {
    return CodecCatalog.all().stream()
        .flatMap(catalog -> catalog.schemes().stream())
        .map(SchemeSpec::name)
        .toList();
  }

  /** How often {@link #run} calls {@code step}. */
  static int steps(KernelTarget target, boolean quick) {
    return dims(quick).size() * (target.onDevice() ? DEVICE_SCHEMES : hostSchemes()).size();
  }

  private static List<Integer> dims(boolean quick) {
    return quick ? QUICK_DIMS : ALL_DIMS;
  }

  /** Quick: of the head dims only one. */
  static CheckReport run(KernelTarget target, long seed, boolean quick, Runnable step) {
    var report = new CheckReport();
    if (!target.onDevice()) {
      host(target.backend(), seed, quick, report, step);
      return report;
    }
    try (Device device = target.open(seed)) {
      for (String scheme : DEVICE_SCHEMES) {
        for (int dim : dims(quick)) {
          for (CheckCase shape : CheckCase.ALL_CASES) {
            new DeviceCheck(device, scheme, dim, shape).run(seed).forEach(report::add);
          }
          new ScoringCheck(device, scheme, dim, ScoringCheck.SHAPE).run(seed).forEach(report::add);
          step.run();
        }
      }
      report.add(CopyCheck.run(device, 16, seed));
      report.add(CopyCheck.run(device, 8704, seed));
      report.add(CopyCheck.run(device, 100_000, seed));
    }
    return report;
  }

  private static void host(
      AttentionBackend backend, long seed, boolean quick, CheckReport report, Runnable step) {
    for (String scheme : hostSchemes()) {
      // Queries of eight bits are another input, and what the reference is given is not rounded.
      boolean rounded =
          CodecCatalog.scheme(scheme).fp8Queries() && !backend.name().equals("scalar");
      double limit = rounded ? HostCheck.FP8_QUERIES_LIMIT : HostCheck.LIMIT;
      for (int dim : dims(quick)) {
        for (int group : GROUPS) {
          for (AttentionWindow window : WINDOWS) {
            for (int staged : STAGED) {
              report.add(
                  HostCheck.run(backend, limit, scheme, dim, group, LENGTH, staged, window, seed));
            }
          }
        }
        step.run();
      }
    }
  }
}
