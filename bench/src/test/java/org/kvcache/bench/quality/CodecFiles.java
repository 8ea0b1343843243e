package org.kvcache.bench.quality;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.TensorCodec;

record CodecFiles(Path folder) {

  Path write(String name, float[] rows) {
    var bytes = ByteBuffer.allocate(rows.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(rows);
    return write(name, bytes.array());
  }

  Path write(String name, byte[] bytes) {
    try {
      return Files.write(folder.resolve(name), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  float[] floats(String name) {
    byte[] bytes = bytes(name);
    float[] rows = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(rows);
    return rows;
  }

  byte[] bytes(String name) {
    try {
      return Files.readAllBytes(folder.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Invocation run(String words) {
    return Invocation.ofWords(words.replace("@", folder + "/"));
  }

  static float[] normalRows(int rows, int headDim) {
    return new KvHead(KvDistribution.GAUSS, headDim, 1).sample(rows, 0, 1).keys();
  }

  static Planes encoded(String format, int headDim, float tensorScale, float[] rows) {
    TensorCodec codec = CodecCatalog.codec(format, headDim, tensorScale);
    int count = rows.length / headDim;
    int codes = (int) codec.codeBytes(count);
    byte[] planes = new byte[(int) (codes + codec.scaleBytes(count))];
    codec.encode(rows, 0, count, MemorySegment.ofArray(planes), 0, codes);
    float[] read = new float[rows.length];
    codec.decode(MemorySegment.ofArray(planes), 0, codes, count, read, 0);
    return new Planes(
        Arrays.copyOf(planes, codes), Arrays.copyOfRange(planes, codes, planes.length), read);
  }

  record Planes(byte[] codes, byte[] scales, float[] read) {}
}
