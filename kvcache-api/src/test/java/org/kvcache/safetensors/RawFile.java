package org.kvcache.safetensors;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes safetensors files byte by byte. */
final class RawFile {

  private RawFile() {}

  static byte[] bytes(String header, byte... data) {
    byte[] json = header.replace('\'', '"').getBytes(UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data)
        .array();
  }

  static byte[] tensor(String dtype, String shape, byte... data) {
    return bytes(
        "{'t': {'dtype': '%s', 'shape': %s, 'data_offsets': [0, %d]}}"
            .formatted(dtype, shape, data.length),
        data);
  }

  static ByteBuffer data(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static Path in(Path folder, byte[] bytes) throws IOException {
    return Files.write(folder.resolve("x.safetensors"), bytes);
  }
}
