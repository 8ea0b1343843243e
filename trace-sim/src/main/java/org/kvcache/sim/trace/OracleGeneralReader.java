package org.kvcache.sim.trace;

import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads libCacheSim oracleGeneral: packed little-endian records of {@code uint32 time} in seconds,
 * {@code uint64 obj_id}, {@code uint32 size}, {@code int64 next_access_vtime}. Each is a request of
 * one block without a prefix. Ids are any 64 bits; size and next access are not used. Messages
 * count records where other formats count lines.
 */
final class OracleGeneralReader implements TraceReader {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private final String name;
  private final String file;
  private final InputStream in;
  private final int blockTokens;
  private final ArrivalOrder order = new ArrivalOrder();
  private final byte[] buffer = new byte[OracleGeneral.RECORD_BYTES * 2048];
  private int position;
  private int limit;
  private long records;

  OracleGeneralReader(Path file, TraceInput input, int blockTokens) {
    name = FileNames.stem(String.valueOf(file.getFileName()));
    this.file = file.toString();
    this.in = input;
    this.blockTokens = blockTokens;
  }

  @Override
  public boolean next(Request into) {
    if (position == limit && !fill()) {
      return false;
    }
    records++;
    double seconds = Integer.toUnsignedLong((int) INT.get(buffer, position + OracleGeneral.TIME));
    @Nullable String problem = order.problem("time", seconds);
    if (problem != null) {
      throw TraceException.at(file, records, problem);
    }
    into.clear();
    into.timeMillis = seconds * 1e3;
    into.inputTokens = blockTokens;
    into.addId((long) LONG.get(buffer, position + OracleGeneral.ID));
    position += OracleGeneral.RECORD_BYTES;
    return true;
  }

  @Override
  public int blockTokens() {
    return blockTokens;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException ignored) {
      // The input was only read.
    }
  }

  private boolean fill() {
    try {
      position = 0;
      limit = in.readNBytes(buffer, 0, buffer.length);
    } catch (IOException e) {
      throw TraceException.at(
          file, records + 1, e.getMessage() + "; copy or download the file again", e);
    }
    int torn = limit % OracleGeneral.RECORD_BYTES;
    if (torn != 0) {
      throw TraceException.at(
          file,
          records + limit / OracleGeneral.RECORD_BYTES + 1,
          "the last record has "
              + torn
              + " of "
              + OracleGeneral.RECORD_BYTES
              + " bytes; the file was cut off, or is not oracleGeneral");
    }
    return limit > 0;
  }
}
