package org.kvcache.bench.quality;

import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.kvcache.sim.report.Numbers;

/**
 * A file of equal records, read front to back. Errors are {@link IllegalArgumentException}s whose
 * message is one sentence for the user.
 */
final class SourceFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final long size;

  private SourceFile(Path path, FileChannel channel, long size) {
    this.path = path;
    this.channel = channel;
    this.size = size;
  }

  static SourceFile open(Path path) {
    if (Files.isDirectory(path)) {
      throw new IllegalArgumentException(path + ": is a directory; name a file to read");
    }
    if (!Files.exists(path)) {
      throw new IllegalArgumentException(path + ": does not exist; check the name");
    }
    if (!Files.isRegularFile(path)) {
      throw new IllegalArgumentException(
          path + ": is a pipe or device, whose length is not known; copy it into a file first");
    }
    try {
      FileChannel channel = FileChannel.open(path, READ);
      return new SourceFile(path, channel, channel.size());
    } catch (AccessDeniedException e) {
      throw new IllegalArgumentException(path + ": may not be read; change its permissions", e);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /**
   * Records in the file.
   *
   * @param recordBytes bytes of one, above 0
   * @param what what a record is, for the user
   */
  long records(long recordBytes, String what) {
    if (size == 0) {
      throw new IllegalArgumentException(path + ": is empty; it must hold " + what);
    }
    if (size % recordBytes != 0) {
      throw new IllegalArgumentException(
          "%s: %s bytes are not a multiple of %s, the bytes of %s; it is cut off, or of another format or head dim"
              .formatted(path, Numbers.count(size), Numbers.count(recordBytes), what));
    }
    return size / recordBytes;
  }

  /** Fills the first {@code count} bytes of {@code into} with the next ones. */
  void read(byte[] into, int count) {
    var buffer = ByteBuffer.wrap(into, 0, count);
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer) < 0) {
          throw new IllegalArgumentException(
              path + ": became shorter while it was read; leave it alone and try again");
        }
      }
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  /** Reads from the start again. */
  void rewind() {
    try {
      channel.position(0);
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw failed(path, e);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private static IllegalArgumentException failed(Path path, IOException e) {
    return new IllegalArgumentException(
        path + ": cannot be read (" + e.getMessage() + "); check the disk", e);
  }
}
