package org.kvcache.bench.quality;

import java.io.PrintWriter;
import java.util.Locale;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.FormatOptions;
import org.kvcache.spi.FormatSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache formats}. */
@Command(
    name = "formats",
    description = {
      "Lists the number formats of K and V.",
      "rules: the ways to choose scales, the default first. bits: stored for one element, codes and"
          + " scales and all. tokens: how many are encoded together.",
    })
final class FormatsCommand implements Runnable {
  private static final String ROW = "%-8s  %-17s  %6s  %6s  %s%n";

  @Option(
      names = "--head-dim",
      paramLabel = "D",
      defaultValue = "128",
      description = "Elements of a row. Default: ${DEFAULT-VALUE}.")
  private int headDim;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    var options = FormatOptions.of(headDim);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(ROW, "format", "rules", "bits", "tokens", "what it stores");
    for (CodecCatalog catalog : CodecCatalog.all()) {
      for (FormatSpec format : catalog.formats()) {
        String bits = "-";
        String tokens = "-";
        try {
          var codec = format.codec(options);
          bits = String.format(Locale.ROOT, "%.3f", codec.bitsPerElement());
          tokens = Integer.toString(codec.rowGroup());
        } catch (IllegalArgumentException e) {
          // Not at this head dim, which the dashes say.
        }
        String rules = format.rules().isEmpty() ? "-" : String.join(", ", format.rules());
        out.printf(ROW, format.name(), rules, bits, tokens, format.summary());
      }
    }
  }
}
