package org.kvcache.spi;

/** {@link KeyScan} by the codec's own reader. */
final class CodecScan implements KeyScan {

  private final BlockReader reader;
  private final int blockTokens;
  private final int queries;
  private final int headDim;

  CodecScan(BlockCodec codec, int blockTokens, int queries) {
    this.blockTokens = blockTokens;
    this.queries = queries;
    reader = codec.newReader(queries);
    headDim = codec.layout().headDim();
  }

  @Override
  public void query(float[] q, int offset) {
    for (int i = 0; i < queries; i++) {
      reader.query(i, q, offset + i * headDim);
    }
  }

  @Override
  public void logits(PagedKv kv, int from, int to, float[] logits, int offset, int stride) {
    for (int at = from; at < to; ) {
      int block = at / blockTokens;
      int row = at - block * blockTokens;
      int count = Math.min(blockTokens - row, to - at);
      int target = offset + at - from;
      reader.score(kv.memory(), kv.block(block), row, count, logits, target, stride);
      at += count;
    }
  }
}
