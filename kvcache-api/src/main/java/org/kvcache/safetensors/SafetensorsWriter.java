package org.kvcache.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.kvcache.AtomicFile;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Collects tensors and writes them as one safetensors file. The same tensors, in the same order,
 * and metadata give the same bytes.
 *
 * <p>For one thread.
 *
 * @see <a href="https://github.com/huggingface/safetensors#format">The format</a>
 */
public final class SafetensorsWriter {

  private static final int ALIGNMENT = 8;
  private static final int CHUNK = 1 << 14; // elements
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new TreeMap<>();

  /** An empty file. */
  public SafetensorsWriter() {}

  /**
   * Adds an F32 tensor.
   *
   * @param name unique in the file
   * @param values row-major; not copied, so leave them as they are until {@link #write}
   * @param shape elements along each dimension, outermost first; none for a single number
   * @throws IllegalArgumentException if the name is taken or no Unicode, or the shape has another
   *     number of values
   */
  public SafetensorsWriter add(String name, float[] values, long... shape) {
    return add(name, new Tensor(values, values.length, Arrays.stream(shape).boxed().toList()));
  }

  /**
   * Adds an I32 tensor.
   *
   * @param name unique in the file
   * @param values row-major; not copied, so leave them as they are until {@link #write}
   * @param shape elements along each dimension, outermost first; none for a single number
   * @throws IllegalArgumentException if the name is taken or no Unicode, or the shape has another
   *     number of values
   */
  public SafetensorsWriter add(String name, int[] values, long... shape) {
    return add(name, new Tensor(values, values.length, Arrays.stream(shape).boxed().toList()));
  }

  /**
   * Sets a free text of the file; a key set again has its last value.
   *
   * @throws IllegalArgumentException if key or value has an unpaired surrogate
   */
  public SafetensorsWriter metadata(String key, String value) {
    checkText(key);
    checkText(value);
    metadata.put(key, value);
    return this;
  }

  /**
   * Writes the file, complete or not at all; one of that name is replaced.
   *
   * @return SHA-256 of the file, 64 lower-case hex digits
   * @throws java.io.UncheckedIOException if it cannot be written; an old file is then kept
   */
  public String write(Path file) {
    byte[] header = header();
    MessageDigest digest = Safetensors.newSha256();
    AtomicFile.write(
        file,
        out -> {
          OutputStream digested = new DigestOutputStream(out, digest);
          digested.write(header);
          for (Tensor tensor : tensors.values()) {
            tensor.writeTo(digested);
          }
        });
    return HexFormat.of().formatHex(digest.digest());
  }

  private SafetensorsWriter add(String name, Tensor tensor) {
    if (name.equals(Header.METADATA)) {
      throw new IllegalArgumentException(
          "tensor '" + name + "': the format keeps that name for metadata; choose another");
    }
    checkText(name);
    if (tensors.containsKey(name)) {
      throw new IllegalArgumentException("tensor '" + name + "' is there already");
    }
    if (!tensor.fitsItsShape()) {
      throw new IllegalArgumentException(
          "tensor '%s' has %d values, which do not make the shape %s"
              .formatted(name, tensor.length, tensor.shape));
    }
    tensors.put(name, tensor);
    return this;
  }

  private static void checkText(String text) {
    if (!UTF_8.newEncoder().canEncode(text)) {
      throw new IllegalArgumentException(
          "'" + text + "' has an unpaired surrogate, which UTF-8 cannot express; leave it out");
    }
  }

  /** Length and JSON. */
  private byte[] header() {
    ObjectNode header = MAPPER.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode texts = header.putObject(Header.METADATA);
      metadata.forEach(texts::put);
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      ObjectNode node = header.putObject(entry.getKey());
      node.put("dtype", tensor.values instanceof float[] ? "F32" : "I32");
      ArrayNode shape = node.putArray("shape");
      tensor.shape.forEach(shape::add);
      long end = offset + 4L * tensor.length;
      node.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = MAPPER.writeValueAsBytes(header);
    int length = (json.length + ALIGNMENT - 1) & -ALIGNMENT;
    byte[] bytes = new byte[Header.LENGTH_BYTES + length];
    // Spaces, so that the data begins aligned and a reader may map it as floats.
    Arrays.fill(bytes, (byte) ' ');
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(json);
    return bytes;
  }

  /** Values are a {@code float[]} or an {@code int[]}. */
  private record Tensor(Object values, int length, List<Long> shape) {

    boolean fitsItsShape() {
      try {
        return shape.stream().allMatch(dimension -> dimension >= 0)
            && shape.stream().reduce(1L, Math::multiplyExact) == length;
      } catch (ArithmeticException e) {
        return false;
      }
    }

    void writeTo(OutputStream out) throws IOException {
      byte[] bytes = new byte[4 * Math.min(CHUNK, length)];
      ByteBuffer chunk = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      for (int from = 0; from < length; from += CHUNK) {
        int count = Math.min(CHUNK, length - from);
        if (values instanceof float[] floats) {
          chunk.asFloatBuffer().put(floats, from, count);
        } else {
          chunk.asIntBuffer().put((int[]) values, from, count);
        }
        out.write(bytes, 0, 4 * count);
      }
    }
  }
}
