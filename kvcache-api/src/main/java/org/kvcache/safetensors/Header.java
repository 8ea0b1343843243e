package org.kvcache.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Comparator.comparingLong;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The checked header of a safetensors file.
 *
 * <p>As strict as the reference reader: the tensors fill the data without overlap, hole or rest.
 *
 * @param tensors by name, in the order of the header
 * @param metadata free text by key, in the order of the header
 */
record Header(Map<String, TensorInfo> tensors, Map<String, String> metadata) {

  static final String METADATA = "__metadata__";
  static final int LENGTH_BYTES = Long.BYTES;

  /** Of the JSON, in bytes; the reference reader has the same. */
  static final long LIMIT = 100_000_000;

  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final Map<String, Integer> BITS =
      Map.ofEntries(
          Map.entry("BOOL", 8),
          Map.entry("F4", 4),
          Map.entry("F6_E2M3", 6),
          Map.entry("F6_E3M2", 6),
          Map.entry("U8", 8),
          Map.entry("I8", 8),
          Map.entry("F8_E5M2", 8),
          Map.entry("F8_E4M3", 8),
          Map.entry("F8_E8M0", 8),
          Map.entry("F8_E4M3FNUZ", 8),
          Map.entry("F8_E5M2FNUZ", 8),
          Map.entry("I16", 16),
          Map.entry("U16", 16),
          Map.entry("F16", 16),
          Map.entry("BF16", 16),
          Map.entry("I32", 32),
          Map.entry("U32", 32),
          Map.entry("F32", 32),
          Map.entry("C64", 64),
          Map.entry("F64", 64),
          Map.entry("I64", 64),
          Map.entry("U64", 64));

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .build();

  /** Reads and checks the header of a whole file. */
  static Header read(Path file, MemorySegment bytes) {
    long size = bytes.byteSize();
    if (size < LENGTH_BYTES) {
      throw refused(
          file,
          "has %d bytes, less than the header length of a safetensors file; get it again"
              .formatted(size));
    }
    long length = bytes.get(LENGTH, 0);
    if (length < 0 || length > LIMIT) {
      throw refused(
          file,
          "claims a header of %s bytes, at most %d are allowed; it is no safetensors file"
              .formatted(Long.toUnsignedString(length), LIMIT));
    }
    if (length > size - LENGTH_BYTES) {
      throw refused(
          file,
          "claims a header of %d bytes, but %d follow; it is cut short, get it again"
              .formatted(length, size - LENGTH_BYTES));
    }
    JsonNode json = json(file, bytes.asSlice(LENGTH_BYTES, length));
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    Map<String, String> metadata = Map.of();
    for (Map.Entry<String, JsonNode> entry : json.properties()) {
      if (entry.getKey().equals(METADATA)) {
        metadata = metadata(file, entry.getValue());
      } else {
        TensorInfo info = tensor(file, entry, LENGTH_BYTES + length, size);
        tensors.put(info.name(), info);
      }
    }
    checkFilled(file, tensors.values().stream().toList(), LENGTH_BYTES + length, size);
    return new Header(tensors, metadata);
  }

  /** Content that is refused, as a sentence that begins with the file. */
  static IllegalArgumentException refused(Path file, String sentence) {
    return new IllegalArgumentException(file + ": " + sentence);
  }

  private static JsonNode json(Path file, MemorySegment header) {
    try {
      // Decoded here because Jackson would guess UTF-16 and UTF-32 too.
      String text = UTF_8.newDecoder().decode(header.asByteBuffer()).toString();
      if (!text.startsWith("{")) {
        throw refused(file, "has a header that does not begin with '{'; it is no safetensors file");
      }
      return MAPPER.readTree(text);
    } catch (CharacterCodingException e) {
      throw refused(file, "has a header that is not UTF-8; it is damaged, get it again");
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          file + ": has a header that is refused as JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static Map<String, String> metadata(Path file, JsonNode node) {
    if (!node.isObject()) {
      throw refused(file, "has a " + METADATA + " that is no object of strings");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!entry.getValue().isString()) {
        throw refused(file, METADATA + " '" + entry.getKey() + "' is no string; make it one");
      }
      metadata.put(entry.getKey(), entry.getValue().stringValue());
    }
    return metadata;
  }

  private static TensorInfo tensor(
      Path file, Map.Entry<String, JsonNode> entry, long dataStart, long size) {
    String name = entry.getKey();
    JsonNode node = entry.getValue();
    if (!node.path("dtype").isString()) {
      throw refused(file, name, "has no dtype; each tensor needs one, such as \"F32\"");
    }
    List<Long> shape = counts(file, name, "shape", node);
    List<Long> offsets = counts(file, name, "data_offsets", node);
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw refused(
          file, name, "has data_offsets " + offsets + "; they are the begin and the end, in bytes");
    }
    if (offsets.get(1) > size - dataStart) {
      throw refused(
          file,
          name,
          "ends at byte %d of the data, which has %d; the file is cut short, get it again"
              .formatted(offsets.get(1), size - dataStart));
    }
    var info =
        new TensorInfo(
            name,
            node.path("dtype").stringValue(),
            shape,
            dataStart + offsets.get(0),
            offsets.get(1) - offsets.get(0));
    checkBytes(file, info);
    return info;
  }

  private static List<Long> counts(Path file, String name, String field, JsonNode tensor) {
    JsonNode node = tensor.path(field);
    List<Long> counts = new ArrayList<>();
    boolean valid = node.isArray();
    for (JsonNode element : node) {
      valid &= element.isIntegralNumber() && element.canConvertToLong() && element.longValue() >= 0;
      counts.add(valid ? element.longValue() : 0);
    }
    if (!valid) {
      throw refused(file, name, "has no " + field + "; it is a list of integers of 0 or more");
    }
    return counts;
  }

  /** The size of an unknown dtype cannot be checked; such a tensor is refused when it is read. */
  private static void checkBytes(Path file, TensorInfo info) {
    try {
      long elements = info.elements();
      Integer bits = BITS.get(info.dtype());
      if (bits != null && Math.multiplyExact(elements, bits) != info.bytes() * Byte.SIZE) {
        throw refused(
            file,
            info.name(),
            "has %d bytes of data; %s %s does not"
                .formatted(info.bytes(), info.dtype(), info.shape()));
      }
    } catch (ArithmeticException e) {
      throw refused(
          file, info.name(), "has shape " + info.shape() + ", more elements than can be counted");
    }
  }

  private static void checkFilled(Path file, List<TensorInfo> tensors, long dataStart, long size) {
    long filled = dataStart;
    List<TensorInfo> inOrder =
        tensors.stream()
            .sorted(comparingLong(TensorInfo::offset).thenComparingLong(TensorInfo::end))
            .toList();
    for (TensorInfo info : inOrder) {
      if (info.offset() < filled) {
        throw refused(file, info.name(), "overlaps the tensor before it; write the file again");
      }
      if (info.offset() > filled) {
        throw refused(
            file,
            info.name(),
            "comes after %d bytes that belong to no tensor; write the file again"
                .formatted(info.offset() - filled));
      }
      filled = info.end();
    }
    if (filled != size) {
      throw refused(
          file,
          "ends with %d bytes that belong to no tensor; get it again".formatted(size - filled));
    }
  }

  private static IllegalArgumentException refused(Path file, String tensor, String sentence) {
    return refused(file, "tensor '" + tensor + "' " + sentence);
  }
}
