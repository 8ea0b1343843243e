package org.kvcache.cache;

import org.kvcache.AttentionWindow;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvShape;
import org.kvcache.spi.AttentionKernel;

/** Attention over the blocks of one sequence, and its rows for others. Any number of threads. */
final class SequenceReader {

  private final KvCacheConfig config;
  private final KvShape shape;
  private final SequenceBlocks blocks;

  SequenceReader(KvCacheConfig config, SequenceBlocks blocks) {
    this.config = config;
    this.blocks = blocks;
    shape = config.shape();
  }

  /** All heads of {@code tokens} tokens; {@code length} tokens are committed. */
  void attend(
      Worker worker,
      int length,
      int layer,
      int position,
      int tokens,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset) {
    Bounds.layer(layer, shape);
    Bounds.rows("queries", q.length, qOffset, tokens, shape.queryDim());
    Bounds.rows("outputs", out.length, outOffset, tokens, shape.queryDim());
    if (position < 0) {
      throw new IndexOutOfBoundsException("attend at position " + position);
    }
    if (tokens == 0) {
      return;
    }
    checkReadable(length, layer, Bounds.end(position, tokens));
    AttentionWindow window = config.window(layer);
    int groupDim = shape.groupSize() * shape.headDim();
    for (int head = 0; head < shape.kvHeads(); head++) {
      worker.look(blocks, layer, head);
      AttentionKernel kernel = worker.groupKernel(layer, head);
      for (int i = 0; i < tokens; i++) {
        int at = i * shape.queryDim() + head * groupDim;
        kernel.attend(
            worker,
            position + i + 1,
            window,
            config.logitScale(),
            q,
            qOffset + at,
            out,
            outOffset + at);
      }
    }
  }

  /** One head of one query that sees {@code seen} tokens. */
  void attendHead(
      Worker worker,
      int length,
      int layer,
      int head,
      int seen,
      float[] q,
      int qOffset,
      float[] out,
      int outOffset) {
    Bounds.layer(layer, shape);
    if (head < 0 || head >= shape.queryHeads()) {
      throw new IndexOutOfBoundsException(
          "no query head %d, there are %d".formatted(head, shape.queryHeads()));
    }
    Bounds.rows("queries", q.length, qOffset, 1, shape.headDim());
    Bounds.rows("outputs", out.length, outOffset, 1, shape.headDim());
    if (seen < 1) {
      throw new IndexOutOfBoundsException("attend to " + seen + " tokens; at least 1 is needed");
    }
    checkReadable(length, layer, seen);
    int kvHead = head / shape.groupSize();
    worker.look(blocks, layer, kvHead);
    worker
        .headKernel(layer, kvHead)
        .attend(
            worker, seen, config.window(layer), config.logitScale(), q, qOffset, out, outOffset);
  }

  /** K, or V, of {@code tokens} tokens in the model's own basis. */
  void read(
      Worker worker,
      int length,
      int layer,
      int position,
      int tokens,
      boolean key,
      float[] rows,
      int offset) {
    Bounds.layer(layer, shape);
    Bounds.rows("rows", rows.length, offset, tokens, shape.kvDim());
    if (position < 0) {
      throw new IndexOutOfBoundsException("read at position " + position);
    }
    if (tokens > 0) {
      checkReadable(length, layer, Bounds.end(position, tokens));
      new RowReader(blocks, shape, config.blockTokens(), worker)
          .read(layer, position, tokens, key, rows, offset);
    }
  }

  private void checkReadable(int length, int layer, int end) {
    if (end > blocks.capacity()) {
      throw new IndexOutOfBoundsException(
          "attend to %d tokens in layer %d: only %d are committed, and there is room for %d"
              .formatted(end, layer, length, blocks.capacity()));
    }
    if (end > length
        && !blocks.written().isMarked(layer, end - 1)
        && !blocks.isWrittenByOthers(end - 1)) {
      throw new IllegalStateException(
          "attend to %d tokens in layer %d: %d are committed, and K and V of position %d have not"
                  .formatted(end, layer, length, end - 1)
              + " been appended");
    }
  }
}
