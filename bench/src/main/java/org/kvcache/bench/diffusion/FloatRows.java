package org.kvcache.bench.diffusion;

/**
 * K and V of consecutive tokens in binary32, laid out for products with the queries of a whole
 * block: K in tiles whose rows are channels, V row after row. Threads may read what others do not
 * write meanwhile.
 */
final class FloatRows {

  /** Tokens of a tile of K: with 64 channels it fits the nearest cache. */
  private static final int TILE = 128;

  private final DiffusionConfig config;
  private final int capacity;
  private final float[][] keys;
  private final float[][] values;

  /** Room for {@code capacity} tokens in each layer. */
  FloatRows(DiffusionConfig config, int capacity) {
    this.config = config;
    this.capacity = capacity;
    int tiles = Math.ceilDiv(capacity, TILE);
    keys = new float[config.layers() * config.kvHeads()][tiles * TILE * config.headDim()];
    values = new float[config.layers() * config.kvHeads()][capacity * config.headDim()];
  }

  int capacity() {
    return capacity;
  }

  /** Stores {@code tokens} rows of one layer from {@code position} on. */
  void write(int layer, int position, int tokens, float[] k, float[] v) {
    int dim = config.headDim();
    for (int token = 0; token < tokens; token++) {
      for (int head = 0; head < config.kvHeads(); head++) {
        int from = (token * config.kvHeads() + head) * dim;
        float[] tiled = keys[layer * config.kvHeads() + head];
        int column = place(position + token);
        for (int i = 0; i < dim; i++) {
          tiled[column + i * TILE] = k[from + i];
        }
        System.arraycopy(
            v, from, values[layer * config.kvHeads() + head], (position + token) * dim, dim);
      }
    }
  }

  private int place(int position) {
    return position / TILE * TILE * config.headDim() + position % TILE;
  }

  /**
   * Adds the products of {@code rows} queries and the keys of the first {@code tokens} tokens, a
   * multiple of 16.
   *
   * @param scores from {@code offset} on, rows {@code stride} apart
   */
  void addScores(
      int layer,
      int head,
      int tokens,
      float[] queries,
      int rows,
      float[] scores,
      int offset,
      int stride) {
    int dim = config.headDim();
    float[] tiled = keys[layer * config.kvHeads() + head];
    for (int from = 0; from < tokens; from += TILE) {
      int columns = Math.min(TILE, tokens - from);
      MatrixProduct.add(
          queries,
          0,
          dim,
          tiled,
          place(from),
          TILE,
          scores,
          offset + from,
          stride,
          rows,
          dim,
          columns);
    }
  }

  /** Adds to each of {@code rows} sums the values of the first tokens by weight. */
  void addValues(
      int layer,
      int head,
      int tokens,
      float[] weights,
      int offset,
      int stride,
      int rows,
      float[] sums) {
    int dim = config.headDim();
    float[] from = values[layer * config.kvHeads() + head];
    MatrixProduct.add(weights, offset, stride, from, 0, dim, sums, 0, dim, rows, tokens, dim);
  }
}
