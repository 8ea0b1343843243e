package org.kvcache.offload.retrieval;

import org.kvcache.HeadCalibration;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.KeyScan;
import org.kvcache.spi.PagedKv;
import org.kvcache.spi.SchemeSpec;
import org.kvcache.spi.SelectorContext;

/** The keys that are scored to choose. */
interface ScannedKeys {

  /** How they are stored. */
  BlockCodec codec();

  /** The blocks {@code [from, to)} of the prefix are new. */
  default void add(PagedKv prefix, int from, int to) {}

  /** The blocks from {@code blocks} on are gone. */
  default void truncate(int blocks) {}

  /** As {@link KeyScan#logits}, from the start of a block to the end of one. */
  void logits(
      KeyScan scan, PagedKv prefix, int from, int to, float[] logits, int offset, int stride);

  /** A copy as the settings want it, or the stored keys. */
  static ScannedKeys of(SelectorContext context) {
    BlockCodec stored = context.codec();
    String name = context.settings().scoredKeys();
    if (name.isEmpty()) {
      return new StoredKeys(stored);
    }
    SchemeSpec scheme = CodecCatalog.scheme(name);
    boolean sameKeys =
        scheme.keys().equals(stored.scheme().keys())
            && scheme.rotateKeys() == stored.scheme().rotateKeys();
    if (sameKeys) {
      return new StoredKeys(stored);
    }
    int headDim = stored.layout().headDim();
    HeadCalibration calibration =
        scheme.calibrated() ? stored.calibration() : HeadCalibration.identity(headDim);
    BlockCodec copy = CodecCatalog.bind(scheme, headDim, context.blockTokens(), calibration);
    return new KeyCopy(stored, copy, context.blockTokens());
  }
}
