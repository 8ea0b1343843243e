package org.kvcache.quant;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

/**
 * {@code kivi4}: sixteen even steps for each channel of {@value #TOKENS} tokens, as KIVI (arXiv
 * 2402.02750) stores keys. A group of tokens has a step and a smallest element, both binary16, for
 * each channel: first all steps, then all smallest. Codes lie token by token.
 *
 * <p>Only whole groups are encoded; what comes after the last stays as it is, in the open block of
 * its sequence. Elements that are not finite do not count towards their channel's range: NaN
 * becomes the smallest element, infinities the ends.
 */
final class KiviCodec implements TensorCodec {

  static final int TOKENS = 128;

  private final NibbleShape shape;
  private final NibbleKernels kernels;

  KiviCodec(int dim, Kernels kernels) {
    float[] table = new float[16];
    for (int code = 0; code < 16; code++) {
      table[code] = code;
    }
    this.shape = NibbleShape.natural(dim, dim, table);
    this.kernels = kernels.nibbles();
  }

  @Override
  public int headDim() {
    return shape.dim;
  }

  @Override
  public int rowGroup() {
    return TOKENS;
  }

  @Override
  public long codeBytes(int rows) {
    return (long) rows * shape.rowBytes();
  }

  @Override
  public long scaleBytes(int rows) {
    return rows / TOKENS * 4L * shape.dim;
  }

  @Override
  public void encode(
      float[] rows, int offset, int count, MemorySegment memory, long codes, long scales) {
    Objects.checkFromIndexSize(offset, count * shape.dim, rows.length);
    check(memory, codes, scales, count);
    for (int row = 0; row < count; row += TOKENS) {
      int from = offset + row * shape.dim;
      GroupEncoders.zero(memory, codes + codeBytes(row), TOKENS * shape.rowBytes());
      for (int channel = 0; channel < shape.dim; channel++) {
        encodeChannel(
            rows,
            from + channel,
            channel,
            memory,
            codes + codeBytes(row),
            scales + scaleBytes(row));
      }
    }
  }

  private void encodeChannel(
      float[] rows, int from, int channel, MemorySegment memory, long codes, long scales) {
    float least = Float.POSITIVE_INFINITY;
    float most = Float.NEGATIVE_INFINITY;
    for (int token = 0; token < TOKENS; token++) {
      float x = rows[from + token * shape.dim];
      if (Float.isFinite(x)) {
        least = Math.min(least, x);
        most = Math.max(most, x);
      }
    }
    boolean any = least <= most;
    short zero = Int4.clamped(any ? least : 0);
    short step = any ? Int4.step(most, Fp16.decode(zero)) : 0;
    memory.set(ScalarNibbleKernels.SHORT, scales + 2L * channel, step);
    memory.set(ScalarNibbleKernels.SHORT, scales + 2L * (shape.dim + channel), zero);
    for (int token = 0; token < TOKENS; token++) {
      float x = rows[from + token * shape.dim];
      int code = Int4.code(x, Fp16.decode(step), Fp16.decode(zero), 0, 0);
      long at = codes + codeBytes(token) + channel / 2;
      int other = memory.get(JAVA_BYTE, at);
      memory.set(JAVA_BYTE, at, (byte) (other | (code << (channel % 2 * 4))));
    }
  }

  @Override
  public void decode(
      MemorySegment memory, long codes, long scales, int count, float[] rows, int offset) {
    Objects.checkFromIndexSize(offset, count * shape.dim, rows.length);
    check(memory, codes, scales, count);
    for (int row = 0; row < count; row++) {
      long group = scales + scaleBytes(row / TOKENS * TOKENS);
      long at = codes + codeBytes(row);
      for (int channel = 0; channel < shape.dim; channel++) {
        int code = (memory.get(JAVA_BYTE, at + channel / 2) >>> (channel % 2 * 4)) & 15;
        rows[offset + row * shape.dim + channel] =
            Math.fma(code, step(memory, group, channel), zero(memory, group, channel));
      }
    }
  }

  float step(MemorySegment memory, long group, int channel) {
    return Fp16.decode(memory.get(ScalarNibbleKernels.SHORT, group + 2L * channel));
  }

  float zero(MemorySegment memory, long group, int channel) {
    return Fp16.decode(memory.get(ScalarNibbleKernels.SHORT, group + 2L * (shape.dim + channel)));
  }

  void check(MemorySegment memory, long codes, long scales, int count) {
    if (count % TOKENS != 0) {
      throw new IllegalArgumentException(
          count
              + " rows; kivi4 encodes "
              + TOKENS
              + " tokens together, so give a multiple of that");
    }
    Objects.checkFromIndexSize(codes, codeBytes(count), memory.byteSize());
    Objects.checkFromIndexSize(scales, scaleBytes(count), memory.byteSize());
  }

  @Override
  public KeyScorer newScorer(int heads) {
    return new KiviScorer(this, shape, kernels, heads);
  }

  @Override
  public ValueSum newSum(int heads) {
    return new KiviSum(this, shape, kernels, heads);
  }
}
