package org.kvcache.sim.trace;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.kvcache.sim.trace.InMemoryTrace.Row;

/** Trace files of a few lines. */
final class TraceFiles {
  static final String LINE =
      "{\"timestamp\":1,\"input_length\":1024,\"output_length\":5,\"hash_ids\":[0,1]}\n";

  private TraceFiles() {}

  static Path write(Path directory, String name, String content) throws IOException {
    return Files.writeString(directory.resolve(name), content);
  }

  static byte[] gzip(String content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  static List<Row> rows(String specification) {
    try (var reader = TraceSource.open(specification, 0)) {
      return InMemoryTrace.rowsOf(reader);
    }
  }

  static List<Row> rows(Path file) {
    return rows(file.toString());
  }

  static int blockTokens(String specification) {
    try (var reader = TraceSource.open(specification, 0)) {
      return reader.blockTokens();
    }
  }
}
