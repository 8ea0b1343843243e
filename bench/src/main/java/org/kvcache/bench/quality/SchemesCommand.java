package org.kvcache.bench.quality;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.kvcache.spi.SchemeSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache schemes}. */
@Command(
    name = "schemes",
    description = {
      "Lists the schemes: how K and V are stored together.",
      "bits: stored for one element, of K and V and on average. rotated: what passes through the"
          + " Walsh-Hadamard matrix. q: precision of queries. calibrated: whether it takes means,"
          + " channel scales and signs. Any two formats make a scheme too: fp8+lm16,"
          + " mxfp4:ocp+int4.",
    })
final class SchemesCommand implements Runnable {
  private static final String ROW = "%-10s  %-12s  %-12s  %6s  %6s  %6s  %-7s  %-3s  %-10s  %s%n";

  @Option(
      names = "--head-dim",
      paramLabel = "D",
      defaultValue = "128",
      description = "Elements of a row. Default: ${DEFAULT-VALUE}.")
  private int headDim;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        ROW, "scheme", "K", "V", "K bits", "V bits", "bits", "rotated", "q", "calibrated", "");
    for (SchemeSpec scheme : Schemes.all()) {
      boolean fits = Schemes.takes(scheme, List.of(headDim));
      var bits = fits ? SchemeBits.of(scheme, headDim) : null;
      out.printf(
          ROW,
          scheme.name(),
          scheme.keys(),
          scheme.values(),
          number(bits, SchemeBits::keys),
          number(bits, SchemeBits::values),
          number(bits, SchemeBits::mean),
          scheme.rotateKeys() ? scheme.rotateValues() ? "K, V" : "K" : "-",
          scheme.fp8Queries() ? "fp8" : "f32",
          scheme.calibrated() ? "yes" : "-",
          scheme.summary());
    }
  }

  /** A dash if the scheme does not take such rows. */
  private static String number(@Nullable SchemeBits bits, ToDoubleFunction<SchemeBits> which) {
    return bits == null ? "-" : String.format(Locale.ROOT, "%.3f", which.applyAsDouble(bits));
  }
}
