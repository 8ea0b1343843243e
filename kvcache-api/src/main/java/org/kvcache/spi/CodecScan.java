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
  public void logits(
      PagedKv kv, int from, int to, float[] q, int qOffset, float[] logits, int stride) {
    for (int i = 0; i < queries; i++) {
      reader.query(i, q, qOffset + i * headDim);
    }
    for (int at = from; at < to; ) {
      int block = at / blockTokens;
      int row = at - block * blockTokens;
      int count = Math.min(blockTokens - row, to - at);
      reader.score(kv.memory(), kv.block(block), row, count, logits, at - from, stride);
      at += count;
    }
  }
}
