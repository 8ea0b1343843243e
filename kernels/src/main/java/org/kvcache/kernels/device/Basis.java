package org.kvcache.kernels.device;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kvcache.HeadCalibration;

/**
 * Calibrations on a device, for kernels: per layer the means of keys, what they are multiplied by,
 * what queries are multiplied by, and the units of values. Nothing is kept, and every address is 0,
 * if all calibrations are the identity.
 */
final class Basis implements AutoCloseable {

  private final @Nullable DeviceMemory memory;
  private final long layerBytes;
  private final long vectorBytes;

  /**
   * Copies calibrations to the device.
   *
   * @param heads one for each layer and KV head, layer by layer
   */
  Basis(Device device, List<HeadCalibration> heads, int kvHeads) {
    int dim = heads.getFirst().headDim();
    vectorBytes = (long) kvHeads * dim * Float.BYTES;
    layerBytes = (3 * vectorBytes + (long) kvHeads * Float.BYTES + 15) & -16L;
    if (heads.stream().allMatch(HeadCalibration::isIdentity)) {
      memory = null;
      return;
    }
    int layers = heads.size() / kvHeads;
    memory = device.allocate(layers * layerBytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(layers * layerBytes, 16);
      for (int i = 0; i < heads.size(); i++) {
        write(heads.get(i), host, i / kvHeads * layerBytes, i % kvHeads);
      }
      device.copy(host, memory, 0, device.defaultStream());
      device.defaultStream().synchronize();
    }
  }

  private void write(HeadCalibration head, MemorySegment host, long layer, int kvHead) {
    float[] mean = head.mean();
    float[] scale = head.scale();
    float[] signs = head.signs();
    long row = layer + (long) kvHead * mean.length * Float.BYTES;
    for (int c = 0; c < mean.length; c++) {
      long at = row + (long) c * Float.BYTES;
      host.set(ValueLayout.JAVA_FLOAT, at, mean[c]);
      host.set(ValueLayout.JAVA_FLOAT, at + vectorBytes, signs[c] / scale[c]);
      host.set(ValueLayout.JAVA_FLOAT, at + 2 * vectorBytes, signs[c] * scale[c]);
    }
    long unit = layer + 3 * vectorBytes + (long) kvHead * Float.BYTES;
    host.set(ValueLayout.JAVA_FLOAT, unit, head.valueScale());
  }

  long keyMean(int layer) {
    return memory == null ? 0 : memory.address() + layer * layerBytes;
  }

  long keyDivide(int layer) {
    return memory == null ? 0 : memory.address() + layer * layerBytes + vectorBytes;
  }

  long queryFactor(int layer) {
    return memory == null ? 0 : memory.address() + layer * layerBytes + 2 * vectorBytes;
  }

  long valueUnit(int layer) {
    return memory == null ? 0 : memory.address() + layer * layerBytes + 3 * vectorBytes;
  }

  @Override
  public void close() {
    if (memory != null) {
      memory.close();
    }
  }
}
