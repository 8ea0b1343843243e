package org.kvcache.offload;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.kvcache.AtomicFile;
import org.kvcache.spi.TierContext;

/**
 * The folder of one space below the tier's path, owned by one tier at a time. It is named after the
 * space in hex, so that caches of different shape can share a path, and holds
 *
 * <pre>
 * lock                            locked while a tier has it open
 * format                          what the segments are, as text
 * segment-0000000000000001.kvc    numbered in the order in which they were begun
 * </pre>
 *
 * <p>Files of other names are left alone.
 */
final class SpaceFolder implements Closeable {

  private static final String VERSION = "1";
  private static final Pattern SEGMENT = Pattern.compile("segment-([0-9a-f]{16})\\.kvc");
  // The system's locks are the process's, and closing any channel of the file gives them up; so a
  // second owner in this process must be turned away before it opens one.
  private static final Set<Path> OWNED = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel lock;

  private SpaceFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes the folder if it is not there and takes possession of it.
   *
   * @throws IllegalArgumentException if another tier has it, or {@code root} is not a directory
   */
  static SpaceFolder open(Path root, TierContext context) {
    if (Files.exists(root) && !Files.isDirectory(root)) {
      throw new IllegalArgumentException(
          root + ": the path of a disk tier must be a directory, and this is a file");
    }
    Path path;
    try {
      path = Files.createDirectories(root.resolve(context.space().toString())).toRealPath();
    } catch (IOException e) {
      throw new UncheckedIOException(
          root + ": the directory of the disk tier cannot be made; choose a path that is writable",
          e);
    }
    if (!OWNED.add(path)) {
      throw taken(path, "this process");
    }
    try {
      return new SpaceFolder(path, lock(path));
    } catch (RuntimeException e) {
      OWNED.remove(path);
      throw e;
    }
  }

  private static FileChannel lock(Path path) {
    try {
      FileChannel channel =
          FileChannel.open(
              path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!tryLock(channel)) {
        channel.close();
        throw taken(path, "another process");
      }
      return channel;
    } catch (IOException e) {
      throw new UncheckedIOException(
          path + ": the lock file of the disk tier cannot be written", e);
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false; // this library loaded twice in one process
    }
  }

  private static IllegalArgumentException taken(Path path, String owner) {
    return new IllegalArgumentException(
        path
            + ": a disk tier of "
            + owner
            + " has this directory open; close that one or give each its own path");
  }

  /**
   * The size of the segments in the folder, after writing {@code format} if there are none yet.
   *
   * @param segmentBytes size of those to come if there are none
   * @throws IllegalArgumentException if what is here was written by something else
   */
  long segmentBytes(TierContext context, long segmentBytes) throws IOException {
    Path file = path.resolve("format");
    if (segmentNumbers().length == 0) {
      AtomicFile.write(file, out -> out.write(format(context, segmentBytes)));
      return segmentBytes;
    }
    Map<String, String> fields = new HashMap<>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] field = line.split(": ", 2);
        fields.put(field[0], field.length < 2 ? "" : field[1]);
      }
    }
    require(fields, "kvcache disk tier, version", VERSION);
    require(fields, "space", context.space().toString());
    require(fields, "block bytes", Long.toString(context.blockBytes()));
    try {
      return Long.parseLong(fields.getOrDefault("segment bytes", ""));
    } catch (NumberFormatException e) {
      throw wrongFormat("segment bytes", fields.get("segment bytes"), "a number", e);
    }
  }

  private static byte[] format(TierContext context, long segmentBytes) {
    return """
    kvcache disk tier, version: %s
    space: %s
    block bytes: %d
    segment bytes: %d
    holds: %s
    """
        .formatted(
            VERSION,
            context.space(),
            context.blockBytes(),
            segmentBytes,
            context.description().replaceAll("\\R", " "))
        .getBytes(StandardCharsets.UTF_8);
  }

  private void require(Map<String, String> fields, String name, String wanted) {
    String value = fields.get(name);
    if (!wanted.equals(value)) {
      throw wrongFormat(name, value, wanted, null);
    }
  }

  private IllegalArgumentException wrongFormat(
      String name, @Nullable String value, String wanted, @Nullable Exception cause) {
    return new IllegalArgumentException(
        "%s: its file 'format' should say '%s: %s' and says %s; remove the directory or choose another path"
            .formatted(path, name, wanted, value == null ? "nothing of it" : "'" + value + "'"),
        cause);
  }

  /** The numbers of the segments there are, in their order. */
  long[] segmentNumbers() throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> SEGMENT.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .mapToLong(match -> Long.parseLong(match.group(1), 16))
          .sorted()
          .toArray();
    }
  }

  /** The file of a segment. */
  Path segment(long number) {
    return path.resolve("segment-%016x.kvc".formatted(number));
  }

  @Override
  public String toString() {
    return path.toString();
  }

  @Override
  public void close() throws IOException {
    try {
      lock.close();
    } finally {
      OWNED.remove(path);
    }
  }
}
