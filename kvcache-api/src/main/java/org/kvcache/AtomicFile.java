package org.kvcache;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.UUID;

/** Replaces a file as a whole: readers see the old one or the new one, also after a crash. */
public final class AtomicFile {

  private static final int BUFFER_BYTES = 1 << 16;

  private AtomicFile() {}

  /** What a file is to hold. */
  @FunctionalInterface
  public interface Content {

    /** Writes it; the stream is buffered and stays open. */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes beside the target, forces that to disk and moves it over the target. Whatever fails
   * leaves the target as it was. Any thread; of several at once for one target, one wins.
   *
   * @throws UncheckedIOException if the file cannot be written
   */
  public static void write(Path target, Content content) {
    String name = String.valueOf(target.getFileName());
    Path temporary = target.resolveSibling("." + name + "." + UUID.randomUUID() + ".tmp");
    try {
      if (Files.isDirectory(target)) {
        throw new IOException("it is a directory");
      }
      try (FileChannel channel = FileChannel.open(temporary, CREATE_NEW, WRITE);
          var out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES)) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      move(temporary, target);
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException(target + ": its directory does not exist; make it first", e);
    } catch (AccessDeniedException e) {
      throw new UncheckedIOException(target + ": its directory is not writable", e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          target + ": cannot be written (" + e.getMessage() + "); the old file, if any, is kept",
          e);
    } finally {
      remove(temporary);
    }
  }

  private static void move(Path temporary, Path target) throws IOException {
    try {
      Files.move(temporary, target, ATOMIC_MOVE, REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(temporary, target, REPLACE_EXISTING);
    }
  }

  private static void remove(Path temporary) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException ignored) {
      // Nothing more can be done about a temporary file.
    }
  }
}
