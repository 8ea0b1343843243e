package org.kvcache.sim.trace;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.collections.Long2LongHashMap;

/**
 * Writes libCacheSim oracleGeneral. A record names the next access to its block, which is known
 * only later: records wait in a {@link RecordLog}, where the next access is patched in, and go to
 * the file at the end. Heap use grows with unique blocks only. Times are cut to whole seconds,
 * sizes are 1.
 */
final class OracleGeneralWriter implements TraceWriter {
  private static final long NEVER = -1;
  private static final long MAX_SECONDS = 0xFFFF_FFFFL;

  private final OutputFile file;
  private final RecordLog records =
      new RecordLog(OracleGeneral.RECORD_BYTES, RecordLog.HEAP_RECORDS);
  private final Long2LongHashMap lastAccess = new Long2LongHashMap(NEVER);

  OracleGeneralWriter(OutputFile file) {
    this.file = file;
  }

  @Override
  public void write(Request request) {
    double seconds = Math.floor(request.timeMillis / 1e3);
    if (!(seconds >= 0 && seconds <= MAX_SECONDS)) {
      throw new TraceException(
          "a request at "
              + request.timeMillis
              + " ms does not fit oracleGeneral, whose times are 32-bit seconds; write csv");
    }
    for (int i = 0; i < request.count; i++) {
      long at = records.append();
      records.putInt(at, OracleGeneral.TIME, (int) (long) seconds);
      records.putLong(at, OracleGeneral.ID, request.ids[i]);
      records.putInt(at, OracleGeneral.SIZE, 1);
      records.putLong(at, OracleGeneral.NEXT_ACCESS, NEVER);
      long before = lastAccess.put(request.ids[i], at);
      if (before != NEVER) {
        records.putLong(before, OracleGeneral.NEXT_ACCESS, at + 1);
      }
    }
  }

  @Override
  public void commit() {
    byte[] copy = new byte[OracleGeneral.RECORD_BYTES * 2048];
    try {
      for (long at = 0; at < records.size(); ) {
        ByteBuffer chunk = records.bytesFrom(at);
        at += chunk.remaining() / OracleGeneral.RECORD_BYTES;
        while (chunk.hasRemaining()) {
          int length = Math.min(copy.length, chunk.remaining());
          chunk.get(copy, 0, length);
          file.write(copy, 0, length);
        }
      }
    } catch (IOException e) {
      throw file.failed(e);
    }
    file.commit();
  }

  @Override
  public void close() {
    records.close();
    file.close();
  }
}
