package org.kvcache.sim.report;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.UUID;

/**
 * A file to report into. It is written beside its place and moved there, so that a failure leaves
 * what was there before. Errors are {@link IllegalArgumentException}s whose message is one sentence
 * for the user.
 *
 * @param path the file
 * @param kind what follows the last dot of its name, in lower case; empty if there is no dot
 */
public record ReportFile(Path path, String kind) {

  /** A file by name; fails early when it could not be written later. */
  public static ReportFile of(String name) {
    Path path;
    try {
      path = Path.of(name);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(name + ": is not a file name (" + e.getReason() + ")", e);
    }
    Path folder = path.toAbsolutePath().getParent();
    if (Files.isDirectory(path)) {
      throw new IllegalArgumentException(name + ": is a directory; name a file to write");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IllegalArgumentException(name + ": its directory does not exist; make it first");
    }
    if (!Files.isWritable(folder)) {
      throw new IllegalArgumentException(
          name + ": its directory is not writable; choose another one");
    }
    int dot = name.lastIndexOf('.');
    return new ReportFile(path, dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  /** Writes text in UTF-8. */
  public void write(String text) {
    write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes bytes. */
  public void write(byte[] bytes) {
    try {
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        Files.write(path, bytes); // a pipe or device is written to, not replaced
      } else {
        replace(Files.exists(path) ? path.toRealPath() : path, bytes);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException(
          path + ": cannot be written (" + e.getMessage() + "); free some space or choose another",
          e);
    }
  }

  private static void replace(Path target, byte[] bytes) throws IOException {
    Path temporary = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
    try {
      Files.write(temporary, bytes);
      try {
        Files.move(temporary, target, ATOMIC_MOVE, REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, target, REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Whether writing this file would destroy {@code other}. */
  public boolean isSameAs(Path other) {
    try {
      return path.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize())
          || (Files.exists(path) && Files.exists(other) && Files.isSameFile(path, other));
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
