package org.kvcache.kernels.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.BlockLayout;

/** The buffer of a native kernel: {@code Plan} and the first arrays of {@code Buffer} in plan.h. */
final class NativePlan {

  private static final int BYTES = 64;
  private static final int ALIGNMENT = 64;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private final MemorySegment buffer;
  private final long queries;
  private final long outputs;
  private final int floats;

  NativePlan(
      BlockCodec codec, NativeFormat keys, NativeFormat values, int heads, NativeLevel level) {
    BlockLayout layout = codec.layout();
    int dim = layout.headDim();
    HeadCalibration calibration = codec.calibration();
    buffer = Arena.ofAuto().allocate(NativeLibrary.get().bufferBytes(dim, heads), ALIGNMENT);
    buffer.set(ValueLayout.JAVA_INT, 0, dim);
    buffer.set(ValueLayout.JAVA_INT, 4, heads);
    buffer.set(ValueLayout.JAVA_INT, 8, keys.ordinal());
    buffer.set(ValueLayout.JAVA_INT, 12, values.ordinal());
    buffer.set(ValueLayout.JAVA_INT, 16, level.ordinal());
    buffer.set(ValueLayout.JAVA_INT, 20, codec.scheme().rotateKeys() ? 1 : 0);
    buffer.set(ValueLayout.JAVA_INT, 24, codec.scheme().fp8Queries() ? 1 : 0);
    buffer.set(FLOAT, 28, calibration.valueScale());
    buffer.set(ValueLayout.JAVA_LONG, 32, layout.keyCodes());
    buffer.set(ValueLayout.JAVA_LONG, 40, layout.keyScales());
    buffer.set(ValueLayout.JAVA_LONG, 48, layout.valueCodes());
    buffer.set(ValueLayout.JAVA_LONG, 56, layout.valueScales());
    float[] factors = calibration.scale();
    float[] signs = calibration.signs();
    for (int c = 0; c < dim; c++) {
      factors[c] *= signs[c];
    }
    MemorySegment.copy(factors, 0, buffer, FLOAT, BYTES, dim);
    MemorySegment.copy(calibration.mean(), 0, buffer, FLOAT, BYTES + 4L * dim, dim);
    queries = BYTES + 8L * dim;
    floats = heads * dim;
    outputs = queries + 4L * floats;
  }

  MemorySegment buffer() {
    return buffer;
  }

  void query(float[] q, int offset) {
    MemorySegment.copy(q, offset, buffer, FLOAT, queries, floats);
  }

  void output(float[] out, int offset) {
    MemorySegment.copy(buffer, FLOAT, outputs, out, offset, floats);
  }
}
