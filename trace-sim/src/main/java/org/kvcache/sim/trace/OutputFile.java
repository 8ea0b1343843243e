package org.kvcache.sim.trace;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import io.airlift.compress.v3.zstd.ZstdOutputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;

/** A file that is written beside its target and takes the target's place only when complete. */
final class OutputFile extends OutputStream {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path target;
  private final Path temporary;
  private final OutputStream out;
  private boolean committed;

  private OutputFile(Path target, Path temporary, OutputStream out) {
    this.target = target;
    this.temporary = temporary;
    this.out = out;
  }

  /** Opens the temporary file, compressing as the target's suffix asks. */
  static OutputFile create(Path target) {
    if (Files.isDirectory(target)) {
      throw new TraceException(target + ": is a directory; name a file to write");
    }
    String name = String.valueOf(target.getFileName());
    Path temporary = target.resolveSibling("." + name + "." + UUID.randomUUID() + ".tmp");
    try {
      // Not Files.createTempFile, whose permissions would stay on the finished file.
      OutputStream raw = Files.newOutputStream(temporary, CREATE_NEW, WRITE);
      return new OutputFile(target, temporary, compressed(name.toLowerCase(Locale.ROOT), raw));
    } catch (NoSuchFileException e) {
      throw new TraceException(target + ": its directory does not exist; make it first", e);
    } catch (AccessDeniedException e) {
      throw new TraceException(target + ": its directory is not writable", e);
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  @Override
  public void write(int b) throws IOException {
    out.write(b);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
  }

  /** Completes the file and moves it over the target. */
  void commit() {
    try {
      out.close();
      try {
        Files.move(temporary, target, ATOMIC_MOVE, REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, REPLACE_EXISTING);
      }
      committed = true;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** A failure to write, as a sentence. */
  TraceException failed(IOException e) {
    return failed(target, e);
  }

  /** Removes the temporary file unless committed. */
  @Override
  public void close() {
    if (committed) {
      return;
    }
    try {
      out.close();
    } catch (IOException ignored) {
      // The file is thrown away.
    }
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException ignored) {
      // Nothing more can be done about a temporary file.
    }
  }

  private static OutputStream compressed(String name, OutputStream raw) throws IOException {
    var buffered = new BufferedOutputStream(raw, BUFFER_BYTES);
    if (name.endsWith(".gz")) {
      return new BufferedOutputStream(new GZIPOutputStream(buffered, BUFFER_BYTES), BUFFER_BYTES);
    } else if (name.endsWith(".zst")) {
      return new BufferedOutputStream(ZstdOutputStream.create(buffered), BUFFER_BYTES);
    }
    return buffered;
  }

  private static TraceException failed(Path target, IOException e) {
    return new TraceException(
        target + ": cannot be written (" + e.getMessage() + "); the old file, if any, is kept", e);
  }
}
