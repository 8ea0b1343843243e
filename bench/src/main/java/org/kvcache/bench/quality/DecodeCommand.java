package org.kvcache.bench.quality;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kvcache.bench.FileRoles;
import org.kvcache.sim.cli.Progress;
import org.kvcache.sim.report.Numbers;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.spi.TensorCodec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kvcache decode}. */
@Command(
    name = "decode",
    description = {
      "Decodes what 'kvcache encode', or another implementation of the format, has written.",
      "The output is raw little-endian f32, row after row.",
    },
    footer = {
      "",
      "Example:",
      "  kvcache decode --format mxfp4 --head-dim 128 --codes k.u8 --scales k.s.u8 --out k.f32",
    })
final class DecodeCommand implements Callable<Integer> {
  @Mixin private FormatArguments format = new FormatArguments();

  @Option(names = "--codes", required = true, paramLabel = "FILE", description = "Codes to read.")
  private String codes = "";

  @Option(
      names = "--scales",
      paramLabel = "FILE",
      description = "Scale bytes to read; may be left out for formats that have none.")
  private @Nullable String scales;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "Rows to write.")
  private String out = "";

  @Option(
      names = {"-q", "--quiet"},
      description = "Print errors only.")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    TensorCodec codec = format.codec();
    if (format.lacksTensorScale()) {
      throw new IllegalArgumentException(
          "%s needs the scale of its tensor; give --tensor-scale as 'kvcache encode' printed it"
              .formatted(format.name()));
    }
    boolean hasScales = codec.scaleBytes(codec.rowGroup()) > 0;
    if (scales == null && hasScales) {
      throw new IllegalArgumentException(
          "format %s has scales; say with --scales where they are".formatted(format.name()));
    }
    var roles = new FileRoles();
    Path codePath = roles.input("--codes", codes);
    Path scalePath = scales == null ? null : roles.input("--scales", scales);
    ReportFile target = roles.output("--out", out);
    try (SourceFile codeFile = SourceFile.open(codePath);
        SourceFile scaleFile =
            scalePath == null || !hasScales ? null : SourceFile.open(scalePath)) {
      decode(codec, codeFile, scaleFile, target);
    }
    return 0;
  }

  private void decode(
      TensorCodec codec, SourceFile codeFile, @Nullable SourceFile scaleFile, ReportFile target) {
    int group = codec.rowGroup();
    long count = codeFile.records(codec.codeBytes(group), "the codes of " + rows(group)) * group;
    if (scaleFile != null) {
      long scaled =
          scaleFile.records(codec.scaleBytes(group), "the scales of " + rows(group)) * group;
      if (scaled != count) {
        throw new IllegalArgumentException(
            "%s holds the codes of %s rows and %s the scales of %s; give two files of one encoding"
                .formatted(codeFile, Numbers.count(count), scaleFile, Numbers.count(scaled)));
      }
    }
    var stream = new RowFile(codec);
    try (TargetFile file = TargetFile.create(target)) {
      try (Progress progress = Progress.start("decoding", stream.chunks(count), quiet)) {
        stream.decode(codeFile, scaleFile, count, file, progress);
      }
      TargetFile.commit(List.of(file));
    }
    if (!quiet) {
      spec.commandLine()
          .getOut()
          .println(
              String.format(
                  Locale.ROOT,
                  "%,d rows of %d from %s: %,d bytes, from %.3f bits per element",
                  count,
                  codec.headDim(),
                  format.name(),
                  Float.BYTES * count * codec.headDim(),
                  codec.bitsPerElement()));
    }
  }

  private String rows(int group) {
    return "%s of %d in %s"
        .formatted(group == 1 ? "a row" : group + " rows", format.headDim(), format.name());
  }
}
