package org.kvcache.sim.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.kvcache.sim.report.Numbers;
import org.kvcache.sim.report.ReportFile;
import org.kvcache.sim.trace.Trace;
import org.kvcache.sim.trace.TraceFormat;
import org.kvcache.sim.trace.TraceWriter;

/**
 * A trace file to write.
 *
 * @param path the file
 * @param format its format
 */
record TraceTarget(Path path, TraceFormat format) {

  /** A target by file name, and by the name of its format where the file name does not say. */
  static TraceTarget of(String name, @Nullable String formatName) {
    Path path = ReportFile.of(name).path();
    TraceFormat format;
    if (formatName == null) {
      format =
          TraceFormat.ofFileName(String.valueOf(path.getFileName()))
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "%s: its name tells no format; add --format, one of %s"
                          .formatted(name, TraceFormat.writableLabels())));
    } else {
      format =
          TraceFormat.ofLabel(formatName)
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "unknown format '%s'; known: %s"
                          .formatted(formatName, TraceFormat.writableLabels())));
    }
    format.requireWritable();
    return new TraceTarget(path, format);
  }

  /** Writes a trace; returns what to tell the user. */
  String write(Trace trace) {
    try (TraceWriter writer = TraceWriter.create(path, format, trace.blockTokens())) {
      writer.writeAll(trace.reader());
    }
    return "%s: %s requests, %s block references, %s, trace digest %s"
        .formatted(
            path,
            Numbers.count(trace.requests()),
            Numbers.count(trace.blockRefs()),
            format.label(),
            trace.digest());
  }
}
