package org.kvcache.bench.quality;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.kvcache.sim.report.ReportFile;

/**
 * A file that is written piece by piece beside its target and takes the target's place only when
 * complete; a pipe or device is written to directly. Errors are {@link IllegalArgumentException}s
 * whose message is one sentence for the user.
 */
final class TargetFile implements AutoCloseable {
  private final Path target;
  private final Path written;
  private final OutputStream out;

  private TargetFile(Path target, Path written, OutputStream out) {
    this.target = target;
    this.written = written;
    this.out = out;
  }

  static TargetFile create(ReportFile file) {
    Path path = file.path();
    try {
      if (Files.exists(path) && !Files.isRegularFile(path)) {
        return new TargetFile(path, path, Files.newOutputStream(path, WRITE));
      }
      Path target = Files.exists(path) ? path.toRealPath() : path;
      Path written = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
      OutputStream out = Files.newOutputStream(written, CREATE_NEW, WRITE);
      written.toFile().deleteOnExit(); // after Ctrl-C
      return new TargetFile(target, written, out);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  void write(byte[] bytes, int offset, int count) {
    try {
      out.write(bytes, offset, count);
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  /** Puts files that belong together into their places, once all of them are complete. */
  static void commit(List<TargetFile> files) {
    for (TargetFile file : files) {
      try {
        file.out.close();
      } catch (IOException e) {
        throw failed(file.target, e);
      }
    }
    for (TargetFile file : files) {
      file.move();
    }
  }

  private void move() {
    if (written.equals(target)) {
      return;
    }
    try {
      try {
        Files.move(written, target, ATOMIC_MOVE, REPLACE_EXISTING);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(written, target, REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw failed(target, e);
    }
  }

  /** Removes what is not committed. */
  @Override
  public void close() {
    try {
      out.close();
      if (!written.equals(target)) {
        Files.deleteIfExists(written);
      }
    } catch (IOException ignored) {
      // Only a temporary file is left over, and the user is told of the failure before this one.
    }
  }

  private static IllegalArgumentException failed(Path target, IOException e) {
    return new IllegalArgumentException(
        target
            + ": cannot be written ("
            + e.getMessage()
            + "); the old file, if any, is kept, so free some space or choose another place",
        e);
  }
}
