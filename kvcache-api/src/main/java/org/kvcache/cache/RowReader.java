package org.kvcache.cache;

import java.lang.foreign.MemorySegment;
import org.kvcache.KvShape;

/** Brings encoded and staged rows back as the engine wrote them. Made for one call. */
record RowReader(SequenceBlocks blocks, KvShape shape, int blockTokens, Worker worker) {

  /** K, or V, of {@code tokens} tokens of all heads, row after row. */
  void read(int layer, int position, int tokens, boolean key, float[] into, int offset) {
    int end = position + tokens;
    int encoded = Math.min(blocks.encodedTokens(), end);
    for (int at = position; at < encoded; ) {
      int block = at / blockTokens;
      int to = Math.min(encoded, (block + 1) * blockTokens);
      int target = offset + (at - position) * shape.kvDim();
      decode(layer, block, at % blockTokens, to - block * blockTokens, key, into, target);
      at = to;
    }
    for (int at = Math.max(position, encoded); at < end; at++) {
      StagedRows rows = blocks.stagedRows();
      int row = at % blockTokens;
      long from = key ? rows.key(layer, 0, row) : rows.value(layer, 0, row);
      int target = offset + (at - position) * shape.kvDim();
      rows.get(blocks.staged(at / blockTokens), from, into, target);
    }
  }

  private void decode(
      int layer, int block, int from, int to, boolean key, float[] into, int offset) {
    int dim = shape.headDim();
    float[] scratch = worker.rows(blockTokens * dim);
    for (int head = 0; head < shape.kvHeads(); head++) {
      worker.look(blocks, layer, head);
      // The whole block when its format decodes several tokens together.
      boolean whole = blocks.isStaged();
      int first = whole ? 0 : from;
      worker.decode(worker.block(block), key, first, whole ? blockTokens : to, scratch);
      for (int row = from; row < to; row++) {
        int target = offset + (row - from) * shape.kvDim() + head * dim;
        System.arraycopy(scratch, (row - first) * dim, into, target, dim);
      }
    }
  }

  /** Decodes the first {@code rows} rows of a full block in all layers and heads to staged rows. */
  void unseal(int rows, int frame, MemorySegment into) {
    float[] scratch = worker.rows(blockTokens * shape.headDim());
    StagedRows staged = blocks.stagedRows();
    for (int layer = 0; layer < shape.layers(); layer++) {
      for (int head = 0; head < shape.kvHeads(); head++) {
        worker.look(blocks, layer, head);
        long block = worker.inFrame(frame);
        worker.decode(block, true, 0, blockTokens, scratch);
        staged.scatter(scratch, into, staged.key(layer, head, 0), rows);
        worker.decode(block, false, 0, blockTokens, scratch);
        staged.scatter(scratch, into, staged.value(layer, head, 0), rows);
      }
    }
  }
}
