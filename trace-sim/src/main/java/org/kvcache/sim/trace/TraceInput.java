package org.kvcache.sim.trace;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The decompressed bytes of a trace file. Compression is told by the first bytes of the file, never
 * by its name. Damaged compression surfaces as an {@link IOException} whose message fits into a
 * sentence.
 */
final class TraceInput extends FilterInputStream {
  /** How far {@link #peek} looks. */
  static final int PEEK_BYTES = 1 << 16;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int GZIP_MAGIC = 0x8b1f;
  private static final int ZSTD_MAGIC = 0xfd2fb528;
  private static final int ZSTD_SKIPPABLE = 0x184d2a50;

  private TraceInput(InputStream decoded) {
    super(decoded);
  }

  /**
   * Opens a file.
   *
   * @throws TraceException if it is missing, a directory, empty or unreadable
   */
  static TraceInput open(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw new TraceException(file + ": is a directory; name one trace file in it");
      }
      var raw = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
      try {
        return decode(raw);
      } catch (IOException e) {
        raw.close();
        throw TraceException.at(
            file.toString(), 1, e.getMessage() + "; copy or download the file again", e);
      }
    } catch (NoSuchFileException e) {
      throw new TraceException(
          file + ": there is no such file or generator; check the path, or run with --help", e);
    } catch (AccessDeniedException e) {
      throw new TraceException(file + ": is not readable; check its permissions", e);
    } catch (IOException e) {
      throw new TraceException(file + ": cannot be opened (" + e.getMessage() + ")", e);
    }
  }

  private static TraceInput decode(BufferedInputStream raw) throws IOException {
    raw.mark(4);
    byte[] head = raw.readNBytes(4);
    raw.reset();
    int magic = 0;
    for (int i = 0; i < head.length; i++) {
      magic |= (head[i] & 0xff) << (8 * i);
    }
    InputStream decoded;
    if ((magic & 0xffff) == GZIP_MAGIC) {
      decoded = new Guarded(gzip(raw), "gzip");
    } else if (magic == ZSTD_MAGIC || (magic & ~0xf) == ZSTD_SKIPPABLE) {
      decoded = new Guarded(ZstdInputStream.create(raw), "zstd");
    } else {
      return new TraceInput(raw);
    }
    return new TraceInput(new BufferedInputStream(decoded, BUFFER_BYTES));
  }

  private static InputStream gzip(InputStream raw) throws IOException {
    try {
      return new GZIPInputStream(raw, BUFFER_BYTES);
    } catch (EOFException e) {
      throw new IOException(truncated("gzip"), e);
    }
  }

  /** Up to {@link #PEEK_BYTES} bytes from the front, which stay unread. */
  byte[] peek() throws IOException {
    in.mark(PEEK_BYTES);
    byte[] head = in.readNBytes(PEEK_BYTES);
    in.reset();
    return head;
  }

  private static String truncated(String compression) {
    return "the " + compression + " data ends too early, the file is truncated";
  }

  /** Turns the many ways in which decoders report damage into one. */
  private static final class Guarded extends FilterInputStream {
    private final String compression;

    Guarded(InputStream in, String compression) {
      super(in);
      this.compression = compression;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return (read(one, 0, 1) < 0) ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      try {
        return in.read(into, offset, length);
      } catch (EOFException e) {
        throw new IOException(truncated(compression), e);
      } catch (ZipException | MalformedInputException e) {
        throw new IOException("the " + compression + " data is damaged", e);
      } catch (IOException e) {
        throw zstdTruncation(e) ? new IOException(truncated(compression), e) : e;
      }
    }

    /** The zstd decoders have no exception type of their own for a short stream. */
    private static boolean zstdTruncation(IOException e) {
      String message = String.valueOf(e.getMessage());
      return message.contains("Truncated") || message.contains("Not enough input");
    }
  }
}
