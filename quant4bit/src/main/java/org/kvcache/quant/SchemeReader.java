package org.kvcache.quant;

import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.kvcache.spi.BlockLayout;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.KeyScorer;
import org.kvcache.spi.TensorCodec;
import org.kvcache.spi.ValueSum;

/** Takes queries to the stored basis, outputs back from it, and leaves the rest to the formats. */
final class SchemeReader implements BlockReader {

  private static final int MAX_HEADS = 1024;

  private final SchemeCodec codec;
  private final int heads;
  private final BlockLayout layout;
  private final KeyScorer scorer;
  private final ValueSum sum;
  private final float[] query;

  SchemeReader(SchemeCodec codec, int heads) {
    if (heads < 1 || heads > MAX_HEADS) {
      throw new IllegalArgumentException(
          "a reader for %d query heads; 1 to %d can share a KV head".formatted(heads, MAX_HEADS));
    }
    this.heads = heads;
    this.codec = codec;
    this.layout = codec.layout();
    this.scorer = codec.keys().newScorer(heads);
    this.sum = codec.values().newSum(heads);
    this.query = new float[layout.headDim()];
  }

  @Override
  public void query(int head, float[] q, int offset) {
    codec.keyBasis().query(q, offset, query);
    if (codec.scheme().fp8Queries()) {
      for (int i = 0; i < query.length; i++) {
        query[i] = E4M3.decode(E4M3.encode(query[i]));
      }
    }
    scorer.query(head, query, 0);
  }

  @Override
  public void score(
      MemorySegment memory,
      long block,
      int row,
      int count,
      float[] logits,
      int offset,
      int stride) {
    check(memory, block, row, count);
    if (stride < count && heads > 1) {
      throw new IllegalArgumentException(
          "stride is %d for %d logits of a head; heads would overwrite each other"
              .formatted(stride, count));
    }
    TensorCodec format = codec.keys();
    long codes = block + layout.keyCodes() + format.codeBytes(row);
    long scales = block + layout.keyScales() + format.scaleBytes(row);
    scorer.score(memory, codes, scales, count, logits, offset, stride);
  }

  @Override
  public void clear() {
    sum.clear();
  }

  @Override
  public void rescale(int head, float factor) {
    sum.scale(head, factor);
  }

  @Override
  public void add(
      float[] weights,
      int offset,
      int stride,
      MemorySegment memory,
      long block,
      int row,
      int count) {
    check(memory, block, row, count);
    TensorCodec format = codec.values();
    long codes = block + layout.valueCodes() + format.codeBytes(row);
    long scales = block + layout.valueScales() + format.scaleBytes(row);
    sum.add(weights, offset, stride, memory, codes, scales, count);
  }

  @Override
  public void output(int head, float[] out, int offset) {
    sum.get(head, out, offset);
    codec.valueBasis().fromStored(out, offset, 1);
  }

  @Override
  public void keys(MemorySegment memory, long block, int row, int count, float[] rows, int offset) {
    check(memory, block, row, count);
    TensorCodec format = codec.keys();
    long codes = block + layout.keyCodes() + format.codeBytes(row);
    long scales = block + layout.keyScales() + format.scaleBytes(row);
    format.decode(memory, codes, scales, count, rows, offset);
    codec.keyBasis().fromStored(rows, offset, count);
  }

  @Override
  public void values(
      MemorySegment memory, long block, int row, int count, float[] rows, int offset) {
    check(memory, block, row, count);
    TensorCodec format = codec.values();
    long codes = block + layout.valueCodes() + format.codeBytes(row);
    long scales = block + layout.valueScales() + format.scaleBytes(row);
    format.decode(memory, codes, scales, count, rows, offset);
    codec.valueBasis().fromStored(rows, offset, count);
  }

  private void check(MemorySegment memory, long block, int row, int count) {
    Objects.checkFromIndexSize(block, layout.bytes(), memory.byteSize());
    Objects.checkFromIndexSize(row, count, layout.blockTokens());
  }
}
