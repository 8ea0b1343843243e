package org.kvcache.cache;

import org.jspecify.annotations.Nullable;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvShape;
import org.kvcache.spi.FreshKv;

/**
 * Rows in binary32 for the blocks of one sequence and for their look-aheads, kept from one block to
 * the next: a sequence that goes on token by token decodes each of them once. Belongs to the
 * sequence's thread.
 */
final class BlockRows {

  private final CachedSequence sequence;
  private final KvShape shape;
  private final int blockTokens;
  private @Nullable FreshKv own;
  private int full; // of the block whose committed rows are decoded
  private int decoded; // how many of them
  private @Nullable FreshKv ahead;
  private @Nullable OpenLookAhead aheadUser;
  private float[] keys = {};
  private float[] values = {};

  BlockRows(CachedSequence sequence, KvCacheConfig config) {
    this.sequence = sequence;
    shape = config.shape();
    blockTokens = config.blockTokens();
  }

  /** Rows of a block behind {@code length} tokens, with those of the open block before them. */
  FreshKv forBlock(int length, int tokens) {
    FreshKv rows = own;
    if (rows == null || rows.capacity() < length % blockTokens + tokens) {
      rows = new FreshKv(shape, blockTokens, blockTokens - 1 + tokens);
      own = rows;
      decoded = 0;
    }
    rows.use(length % blockTokens, tokens);
    if (full != length / blockTokens) {
      full = length / blockTokens;
      decoded = 0;
    }
    decode(rows);
    return rows;
  }

  private void decode(FreshKv rows) {
    int count = rows.lead() - decoded;
    if (count > 0) {
      if (keys.length < count * shape.kvDim()) {
        keys = new float[blockTokens * shape.kvDim()];
        values = new float[blockTokens * shape.kvDim()];
      }
      int position = full * blockTokens + decoded;
      for (int layer = 0; layer < shape.layers(); layer++) {
        sequence.readKeys(layer, position, count, keys, 0);
        sequence.readValues(layer, position, count, values, 0);
        rows.put(layer, decoded, count, keys, 0, values, 0);
      }
      decoded = rows.lead();
    }
  }

  /** Rows of a block's look-ahead, the committed ones copied. */
  FreshKv forLookAhead(FreshKv block) {
    int tokens = 2 * (block.rows() - block.lead());
    FreshKv rows = ahead;
    OpenLookAhead user = aheadUser;
    boolean free = user == null || user.isClosed(); // else a pass given up may write them yet
    if (rows == null || !free || rows.capacity() < block.lead() + tokens) {
      rows = new FreshKv(shape, blockTokens, blockTokens - 1 + tokens);
      ahead = rows;
      aheadUser = null;
    }
    rows.use(block.lead(), tokens);
    rows.copyLead(block);
    return rows;
  }

  /** The rows of the last {@link #forLookAhead} belong to this pass until it is closed. */
  void usedBy(OpenLookAhead pass) {
    aheadUser = pass;
  }

  /** Tokens from {@code length} on are gone. */
  void truncate(int length) {
    decoded = full == length / blockTokens ? Math.min(decoded, length % blockTokens) : 0;
    full = length / blockTokens;
  }
}
