package org.kvcache.bench.quality;

import java.nio.file.Path;
import java.util.ArrayList;
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

/** {@code kvcache encode}. */
@Command(
    name = "encode",
    description = {
      "Encodes rows of numbers in one of the formats of K and V.",
      "The input is raw little-endian f32, row after row. The output is a file of codes and a file"
          + " of scale bytes, rows one after another, as quant4bit/FORMATS.md describes them:"
          + " what any other implementation of the format should give.",
    },
    footer = {
      "",
      "Examples:",
      "  kvcache encode --format mxfp4 --head-dim 128 --in k.f32 --codes k.u8 --scales k.s.u8",
      "  kvcache encode --format mxfp4 --rule ocp --head-dim 64 --in v.f32 --codes v.u8"
          + " --scales v.s.u8",
    })
final class EncodeCommand implements Callable<Integer> {

  @Mixin private FormatArguments format = new FormatArguments();

  @Option(names = "--in", required = true, paramLabel = "FILE", description = "Rows to encode.")
  private String in = "";

  @Option(names = "--codes", required = true, paramLabel = "FILE", description = "Codes to write.")
  private String codes = "";

  @Option(
      names = "--scales",
      paramLabel = "FILE",
      description = "Scale bytes to write; may be left out for formats that have none.")
  private @Nullable String scales;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print errors only, and a tensor scale if it was computed.")
  private boolean quiet;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    TensorCodec codec = format.codec();
    if (scales == null && codec.scaleBytes(codec.rowGroup()) > 0) {
      throw new IllegalArgumentException(
          "format %s has scales; say with --scales where to write them".formatted(format.name()));
    }
    var roles = new FileRoles();
    Path source = roles.input("--in", in);
    ReportFile codeFile = roles.output("--codes", codes);
    ReportFile scaleFile = roles.optionalOutput("--scales", scales);
    try (SourceFile rows = SourceFile.open(source)) {
      long count = rows.records((long) Float.BYTES * format.headDim(), oneRow());
      long left = count % codec.rowGroup();
      if (left != 0) {
        throw new IllegalArgumentException(
            "%s: holds %s rows; %s encodes %d rows together, which leaves %d over, so give a multiple of %d rows"
                .formatted(
                    source,
                    Numbers.count(count),
                    format.name(),
                    codec.rowGroup(),
                    left,
                    codec.rowGroup()));
      }
      encode(rows, count, codeFile, scaleFile);
    }
    return 0;
  }

  private String oneRow() {
    return "rows of " + format.headDim() + " f32";
  }

  private void encode(
      SourceFile rows, long count, ReportFile codeFile, @Nullable ReportFile scaleFile) {
    TensorCodec codec = format.codec();
    String note = "";
    if (format.lacksTensorScale()) {
      float scale = tensorScale(codec, rows, count);
      codec = format.codec(scale);
      note = "tensor scale " + scale;
    }
    var files = new ArrayList<TargetFile>();
    try {
      files.add(TargetFile.create(codeFile));
      if (scaleFile != null) {
        files.add(TargetFile.create(scaleFile));
      }
      var stream = new RowFile(codec);
      try (Progress progress = Progress.start("encoding", stream.chunks(count), quiet)) {
        stream.encode(
            rows, count, files.getFirst(), scaleFile == null ? null : files.getLast(), progress);
      }
      TargetFile.commit(files);
    } finally {
      files.forEach(TargetFile::close);
    }
    report(codec, count, note);
  }

  private float tensorScale(TensorCodec codec, SourceFile rows, long count) {
    var stream = new RowFile(codec);
    try (Progress progress = Progress.start("largest element", stream.chunks(count), quiet)) {
      return FormatArguments.tensorScale(stream.largest(rows, count, progress));
    }
  }

  private void report(TensorCodec codec, long rows, String note) {
    if (!quiet) {
      long groups = rows / codec.rowGroup();
      String line =
          String.format(
              Locale.ROOT,
              "%,d rows of %d as %s: %,d bytes of codes, %,d of scales, %.3f bits per element",
              rows,
              codec.headDim(),
              format.name(),
              groups * codec.codeBytes(codec.rowGroup()),
              groups * codec.scaleBytes(codec.rowGroup()),
              codec.bitsPerElement());
      spec.commandLine().getOut().println(note.isEmpty() ? line : line + ", " + note);
    } else if (!note.isEmpty()) {
      spec.commandLine().getOut().println(note);
    }
  }
}
