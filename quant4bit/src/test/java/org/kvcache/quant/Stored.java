package org.kvcache.quant;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

/** Rows of any format in native, unaligned memory that ends with their last byte. */
final class Stored {

  private static final int LEAD = 3;
  private static final byte UNTOUCHED = 0x5A;

  final TensorCodec codec;
  final int rows;
  final int dim;
  private final MemorySegment memory;
  private final long scales = LEAD;
  private final long codes;

  Stored(TensorCodec codec, int rows) {
    this.codec = codec;
    this.rows = rows;
    this.dim = codec.headDim();
    codes = LEAD + codec.scaleBytes(rows) + LEAD;
    memory = Arena.ofAuto().allocate(codes + codec.codeBytes(rows)).fill(UNTOUCHED);
  }

  Stored encode(float[] x) {
    encode(x, 0, 0, rows);
    return this;
  }

  void encode(float[] x, int offset, int row, int count) {
    codec.encode(
        x, offset, count, memory, codes + codec.codeBytes(row), scales + codec.scaleBytes(row));
  }

  float[] decode() {
    float[] x = new float[rows * dim];
    codec.decode(memory, codes, scales, rows, x, 0);
    return x;
  }

  /** Head after head. */
  float[] score(float[] q) {
    int heads = q.length / dim;
    KeyScorer scorer = codec.newScorer(heads);
    for (int head = 0; head < heads; head++) {
      scorer.query(head, q, head * dim);
    }
    int stride = rows + 3;
    float[] logits = new float[2 + heads * stride];
    Arrays.fill(logits, UNTOUCHED);
    scorer.score(memory, codes, scales, rows, logits, 2, stride);
    float[] scores = new float[heads * rows];
    for (int head = 0; head < heads; head++) {
      System.arraycopy(logits, 2 + head * stride, scores, head * rows, rows);
      assertThat(logits[1 + head * stride]).isEqualTo(UNTOUCHED);
      assertThat(logits[1 + (head + 1) * stride]).isEqualTo(UNTOUCHED);
    }
    return scores;
  }

  /** Head after head; {@code weights} has all weights of a head, then those of the next. */
  float[] sum(float[] weights) {
    int heads = rows == 0 ? 1 : weights.length / rows;
    int stride = rows + 5;
    float[] apart = new float[1 + heads * stride];
    for (int head = 0; head < heads; head++) {
      System.arraycopy(weights, head * rows, apart, 1 + head * stride, rows);
    }
    ValueSum sum = codec.newSum(heads);
    sum.add(apart, 1, stride, memory, codes, scales, rows);
    float[] sums = new float[heads * dim];
    for (int head = 0; head < heads; head++) {
      sum.get(head, sums, head * dim);
    }
    return sums;
  }

  byte[] all() {
    return memory.toArray(ValueLayout.JAVA_BYTE);
  }

  byte[] codes() {
    return codes(0, rows);
  }

  byte[] codes(int row, int count) {
    return bytes(codes + codec.codeBytes(row), codec.codeBytes(count));
  }

  byte[] scales() {
    return scales(0, rows);
  }

  byte[] scales(int row, int count) {
    return bytes(scales + codec.scaleBytes(row), codec.scaleBytes(count));
  }

  /** The code of an element in natural order. */
  int code(int row, int element) {
    return codes(row, 1)[element / 2] >> (element % 2 * 4) & 15;
  }

  /** Whether all bytes but those of these rows are as they were at first. */
  boolean untouchedOutside(int row, int count) {
    byte[] all = all();
    int code = (int) (codes + codec.codeBytes(row));
    int scale = (int) (scales + codec.scaleBytes(row));
    Arrays.fill(all, code, code + (int) codec.codeBytes(count), UNTOUCHED);
    Arrays.fill(all, scale, scale + (int) codec.scaleBytes(count), UNTOUCHED);
    for (byte each : all) {
      if (each != UNTOUCHED) {
        return false;
      }
    }
    return true;
  }

  private byte[] bytes(long at, long length) {
    return memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
  }
}
