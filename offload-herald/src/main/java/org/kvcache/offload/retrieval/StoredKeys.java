package org.kvcache.offload.retrieval;

import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.KeyScan;
import org.kvcache.spi.PagedKv;

/** The keys where they lie. */
record StoredKeys(BlockCodec codec) implements ScannedKeys {

  @Override
  public void logits(
      KeyScan scan, PagedKv prefix, int from, int to, float[] logits, int offset, int stride) {
    scan.logits(prefix, from, to, logits, offset, stride);
  }
}
