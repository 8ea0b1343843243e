package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * {@code q4_0} of ggml: groups of 32 with a binary16 scale, the element of greatest magnitude
 * divided by -8. Codes 0 to 15 mean -8 to 7; byte {@code i} of a group holds elements {@code i} and
 * {@code i + 16}. A group's two bytes of scale and its sixteen of codes are ggml's block.
 */
record Q40(NibbleShape shape) implements GroupFormat {

  private static final float[] TABLE = {-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7};

  Q40(int dim) {
    this(NibbleShape.halves(dim, TABLE));
  }

  @Override
  public int scaleBytes() {
    return 2 * shape.groups;
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    for (int group = 0; group < count * shape.groups; group++) {
      int from = offset + 32 * group;
      float signed = 0;
      for (int i = from; i < from + 32; i++) {
        // Not (a > b): NaN stays once it is there, and the group reads as NaN.
        if (Math.abs(rows[i]) > Math.abs(signed) || Float.isNaN(rows[i])) {
          signed = rows[i];
        }
      }
      float scale = signed / -8;
      float inverse = scale == 0 ? 0 : 1 / scale;
      memory.set(ScalarNibbleKernels.SHORT, scales + 2L * group, Fp16.encode(scale));
      for (int i = 0; i < 16; i++) {
        int low = code(rows[from + i] * inverse);
        int high = code(rows[from + i + 16] * inverse);
        memory.set(JAVA_BYTE, codes + 16L * group + i, (byte) (low | (high << 4)));
      }
    }
  }

  private static int code(float x) {
    return Math.clamp((int) (x + 8.5f), 0, 15);
  }

  @Override
  public void scales(MemorySegment memory, long from, int count, float[] scales, float[] zeros) {
    for (int i = 0; i < count * shape.groups; i++) {
      scales[i] = Fp16.decode(memory.get(ScalarNibbleKernels.SHORT, from + 2L * i));
    }
  }
}
