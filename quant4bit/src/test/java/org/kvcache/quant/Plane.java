package org.kvcache.quant;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

/** Native, unaligned memory for some rows. */
final class Plane {

  private static final int CODES = 3;

  private final Unpacked format;
  private final TensorCodec codec;
  private final int rows;
  private final MemorySegment memory;
  private final long scales;

  Plane(Unpacked format, int headDim, Kernels kernels, int rows) {
    this.format = format;
    this.rows = rows;
    codec = format.codec(headDim, kernels);
    scales = CODES + codec.codeBytes(rows) + 2;
    memory = Arena.ofAuto().allocate(scales + codec.scaleBytes(rows));
  }

  void encode(float[] x) {
    codec.encode(x, 0, rows, memory, CODES, scales);
  }

  float[] decode() {
    float[] x = new float[rows * codec.headDim()];
    codec.decode(memory, CODES, scales, rows, x, 0);
    return x;
  }

  float[] decodeWithoutScales() {
    float[] x = new float[rows * codec.headDim()];
    ScalarRowKernels.INSTANCE.decode(format.element, memory, CODES, x.length, 1, x, 0);
    return x;
  }

  float[] score(float[] q, int heads) {
    KeyScorer scorer = codec.newScorer(heads);
    for (int h = 0; h < heads; h++) {
      scorer.query(h, q, h * codec.headDim());
    }
    int stride = rows + 3;
    float[] logits = new float[2 + heads * stride];
    scorer.score(memory, CODES, scales, rows, logits, 2, stride);
    float[] scores = new float[heads * rows];
    for (int h = 0; h < heads; h++) {
      System.arraycopy(logits, 2 + h * stride, scores, h * rows, rows);
    }
    return scores;
  }

  float[] sum(float[] weights, int heads) {
    ValueSum sum = codec.newSum(heads);
    sum.add(weights, 0, rows, memory, CODES, scales, rows);
    float[] sums = new float[heads * codec.headDim()];
    for (int h = 0; h < heads; h++) {
      sum.get(h, sums, h * codec.headDim());
    }
    return sums;
  }

  /** Codes and scale of a row. */
  byte[] row(int row) {
    byte[] codes = bytes(CODES + codec.codeBytes(row), codec.codeBytes(1));
    byte[] scale = bytes(scales + codec.scaleBytes(row), codec.scaleBytes(1));
    byte[] both = Arrays.copyOf(codes, codes.length + scale.length);
    System.arraycopy(scale, 0, both, codes.length, scale.length);
    return both;
  }

  byte[] codes() {
    return bytes(CODES, codec.codeBytes(rows));
  }

  byte[] scales() {
    return bytes(scales, codec.scaleBytes(rows));
  }

  float scale(int row) {
    byte[] stored = bytes(scales + codec.scaleBytes(row), codec.scaleBytes(1));
    return stored.length == 0
        ? format.tensorScale
        : ByteBuffer.wrap(stored).order(ByteOrder.LITTLE_ENDIAN).getFloat();
  }

  private byte[] bytes(long at, long length) {
    return memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
