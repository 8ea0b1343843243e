package org.kvcache.safetensors;

import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open safetensors file, mapped into memory: opening reads the header only, and a tensor is read
 * from disk when it is asked for.
 *
 * <p>Any thread may read, several at once, until {@link #close}. The file must not be cut short
 * meanwhile, which ends the process on some systems; replacing it by another is safe.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The format</a>
 */
public final class Safetensors implements AutoCloseable {

  private static final ValueLayout.OfFloat F32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble F64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfShort I16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(LITTLE_ENDIAN);
  private static final int DIGESTED_AT_ONCE = 1 << 20;

  private final Path file;
  private final Arena arena;
  private final MemorySegment bytes;
  private final Header header;

  private Safetensors(Path file, Arena arena) throws IOException {
    this.file = file;
    this.arena = arena;
    try (FileChannel channel = FileChannel.open(file, READ)) {
      bytes = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
    }
    header = Header.read(file, bytes);
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws IllegalArgumentException if it is no valid safetensors file, naming file and tensor
   * @throws UncheckedIOException if it cannot be read
   */
  public static Safetensors open(Path file) {
    @SuppressWarnings("MustBeClosedChecker") // close() of what is returned closes it
    Arena arena = Arena.ofShared();
    boolean opened = false;
    try {
      if (Files.isDirectory(file)) {
        throw new IOException("it is a directory");
      }
      var tensors = new Safetensors(file, arena);
      opened = true;
      return tensors;
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException(file + ": does not exist", e);
    } catch (AccessDeniedException e) {
      throw new UncheckedIOException(file + ": may not be read; change its permissions", e);
    } catch (IOException e) {
      throw new UncheckedIOException(file + ": cannot be read (" + e.getMessage() + ")", e);
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  /** The file as it was named. */
  public Path file() {
    return file;
  }

  /** Names of the tensors, in the order of the header; unmodifiable. */
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  /** The file's free text, by key, in the order of the header; unmodifiable. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  /** Whether there is a tensor of this name. */
  public boolean has(String name) {
    return header.tensors().containsKey(name);
  }

  /**
   * What the header says about a tensor.
   *
   * @throws IllegalArgumentException if there is no such tensor
   */
  public TensorInfo info(String name) {
    @Nullable TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw Header.refused(
          file, "has no tensor '%s' among its %d".formatted(name, header.tensors().size()));
    }
    return info;
  }

  /**
   * A whole tensor as floats, row-major. F16 and BF16 are converted exactly; F64 is rounded, beyond
   * the range of float to infinity.
   *
   * @throws IllegalArgumentException if there is no such tensor, it is not F64, F32, F16 or BF16,
   *     or it has more elements than an array
   * @throws IllegalStateException if closed
   */
  public float[] floats(String name) {
    return floats(name, 0, arrayLength(info(name)));
  }

  /**
   * Part of a tensor as floats, converted as in {@link #floats(String)}.
   *
   * @param from first element, counted row-major
   * @param count elements to read
   * @throws IllegalArgumentException if there is no such tensor or part, or it is not F64, F32, F16
   *     or BF16
   * @throws IllegalStateException if closed
   */
  public float[] floats(String name, long from, int count) {
    TensorInfo info = info(name);
    long elements = info.elements();
    if (from < 0 || count < 0 || from > elements - count) {
      throw Header.refused(
          file,
          "tensor '%s' has %d elements; there are no %d from %d on"
              .formatted(name, elements, count, from));
    }
    MemorySegment data = data(info);
    float[] values = new float[count];
    switch (info.dtype()) {
      case "F32" -> MemorySegment.copy(data, F32, from * Float.BYTES, values, 0, count);
      case "F64" -> {
        for (int i = 0; i < count; i++) {
          values[i] = (float) data.getAtIndex(F64, from + i);
        }
      }
      case "F16" -> {
        for (int i = 0; i < count; i++) {
          values[i] = Float.float16ToFloat(data.getAtIndex(I16, from + i));
        }
      }
      case "BF16" -> {
        for (int i = 0; i < count; i++) {
          values[i] = Float.intBitsToFloat(data.getAtIndex(I16, from + i) << 16);
        }
      }
      default -> throw unreadable(info, "floats", "F64, F32, F16 or BF16");
    }
    return values;
  }

  /**
   * A whole tensor as ints, row-major.
   *
   * @throws IllegalArgumentException if there is no such tensor, it is not U8, I8, U16, I16, I32 or
   *     I64, an element is no int, or it has more elements than an array
   * @throws IllegalStateException if closed
   */
  public int[] ints(String name) {
    TensorInfo info = info(name);
    MemorySegment data = data(info);
    int[] values = new int[arrayLength(info)];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (info.dtype()) {
            case "U8" -> Byte.toUnsignedInt(data.get(ValueLayout.JAVA_BYTE, i));
            case "I8" -> data.get(ValueLayout.JAVA_BYTE, i);
            case "U16" -> Short.toUnsignedInt(data.getAtIndex(I16, i));
            case "I16" -> data.getAtIndex(I16, i);
            case "I32" -> data.getAtIndex(I32, i);
            case "I64" -> narrowed(info, i, data.getAtIndex(I64, i));
            default -> throw unreadable(info, "ints", "U8, I8, U16, I16, I32 or I64");
          };
    }
    return values;
  }

  /**
   * SHA-256 of the whole file, 64 lower-case hex digits.
   *
   * @throws IllegalStateException if closed
   */
  public String sha256() {
    checkOpen();
    MessageDigest digest = newSha256();
    for (long at = 0; at < bytes.byteSize(); at += DIGESTED_AT_ONCE) {
      long length = Math.min(DIGESTED_AT_ONCE, bytes.byteSize() - at);
      digest.update(bytes.asSlice(at, length).asByteBuffer());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Unmaps the file; nothing can be read afterwards. Closing again does nothing. */
  @Override
  public synchronized void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  @Override
  public String toString() {
    return file + " (" + header.tensors().size() + " tensors)";
  }

  static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private MemorySegment data(TensorInfo info) {
    checkOpen();
    return bytes.asSlice(info.offset(), info.bytes());
  }

  private void checkOpen() {
    if (!arena.scope().isAlive()) {
      throw new IllegalStateException(file + ": is closed");
    }
  }

  private int arrayLength(TensorInfo info) {
    if (info.elements() > Integer.MAX_VALUE - 8) {
      throw Header.refused(
          file,
          "tensor '%s' has %d elements, too many for one array; read it in parts"
              .formatted(info.name(), info.elements()));
    }
    return (int) info.elements();
  }

  private int narrowed(TensorInfo info, int index, long value) {
    if (value != (int) value) {
      throw Header.refused(
          file, "tensor '%s' has %d at %d, which is no int".formatted(info.name(), value, index));
    }
    return (int) value;
  }

  private IllegalArgumentException unreadable(TensorInfo info, String as, String readable) {
    return Header.refused(
        file,
        "tensor '%s' has dtype %s; only %s can be read as %s"
            .formatted(info.name(), info.dtype(), readable, as));
  }
}
