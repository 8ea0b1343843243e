package org.kvcache.sim.trace;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Writes libCacheSim csv ({@code time,obj_id,size}, size 1) or txt (ids only). */
final class FlatTextWriter implements TraceWriter {
  private final OutputFile file;
  private final boolean csv;
  private final StringBuilder text = new StringBuilder();
  private boolean first = true;

  FlatTextWriter(OutputFile file, boolean csv) {
    this.file = file;
    this.csv = csv;
  }

  @Override
  public void write(Request request) {
    text.setLength(0);
    if (csv && first) {
      text.append("time,obj_id,obj_size\n");
    }
    first = false;
    String time = csv ? Seconds.ofMillis(request.timeMillis).toPlainString() + "," : "";
    for (int i = 0; i < request.count; i++) {
      text.append(time).append(request.ids[i]).append(csv ? ",1\n" : "\n");
    }
    try {
      file.write(text.toString().getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw file.failed(e);
    }
  }

  @Override
  public void commit() {
    file.commit();
  }

  @Override
  public void close() {
    file.close();
  }
}
