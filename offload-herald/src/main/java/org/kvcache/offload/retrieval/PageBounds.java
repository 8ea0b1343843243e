package org.kvcache.offload.retrieval;

import java.util.Arrays;
import org.kvcache.spi.BlockReader;
import org.kvcache.spi.PagedKv;
import org.kvcache.spi.SelectorContext;

/**
 * The least and the greatest value of each channel of the keys of each block (Quest, arXiv
 * 2406.10774). Belongs to one thread.
 */
final class PageBounds {

  /** Blocks whose bounds lie in one array. */
  private static final int CHUNK = 64;

  private final BlockReader reader;
  private final int blockTokens;
  private final int dim;
  private final float[] rows;
  private float[][] chunks = new float[4][];
  private int blocks;

  PageBounds(SelectorContext context) {
    reader = context.codec().newReader(1);
    blockTokens = context.blockTokens();
    dim = context.codec().layout().headDim();
    rows = new float[blockTokens * dim];
  }

  void add(PagedKv prefix, int from, int to) {
    if (from != blocks) {
      throw new IllegalArgumentException(
          "blocks from %d on are added; there are %d".formatted(from, blocks));
    }
    for (; blocks < to; blocks++) {
      reader.keys(prefix.memory(), prefix.block(blocks), 0, blockTokens, rows, 0);
      bound(chunkFor(blocks), offset(blocks));
    }
  }

  void truncate(int blocks) {
    this.blocks = Math.min(this.blocks, blocks);
  }

  int blocks() {
    return blocks;
  }

  /** Holds the bounds of a block from {@link #offset} on: least values, then greatest. */
  float[] chunk(int block) {
    return chunks[block / CHUNK];
  }

  int offset(int block) {
    return block % CHUNK * 2 * dim;
  }

  private float[] chunkFor(int block) {
    int index = block / CHUNK;
    if (index == chunks.length) {
      chunks = Arrays.copyOf(chunks, index * 2);
    }
    float[] chunk = chunks[index];
    if (chunk == null) {
      chunk = new float[CHUNK * 2 * dim];
      chunks[index] = chunk;
    }
    return chunk;
  }

  private void bound(float[] chunk, int offset) {
    System.arraycopy(rows, 0, chunk, offset, dim);
    System.arraycopy(rows, 0, chunk, offset + dim, dim);
    for (int row = dim; row < rows.length; row += dim) {
      for (int c = 0; c < dim; c++) {
        float x = rows[row + c];
        chunk[offset + c] = Math.min(chunk[offset + c], x);
        chunk[offset + dim + c] = Math.max(chunk[offset + dim + c], x);
      }
    }
  }
}
