package org.kvcache.cache;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.kvcache.HeadCalibration;
import org.kvcache.KvCacheConfig;
import org.kvcache.KvShape;
import org.kvcache.spi.BlockCodec;
import org.kvcache.spi.CodecCatalog;
import org.kvcache.spi.SchemeSpec;

/**
 * The codec of each layer and KV head, and where its block lies within a frame. Heads of one
 * calibration share one codec. Immutable.
 */
final class CodecTable {

  private final KvShape shape;
  private final List<BlockCodec> codecs = new ArrayList<>();
  private final int[] codecOf;
  private final long blockBytes;

  CodecTable(KvCacheConfig config) {
    shape = config.shape();
    codecOf = new int[shape.layers() * shape.kvHeads()];
    SchemeSpec scheme = CodecCatalog.scheme(config.scheme());
    Map<HeadCalibration, Integer> known = new HashMap<>();
    for (int i = 0; i < codecOf.length; i++) {
      HeadCalibration calibration = config.calibration(i / shape.kvHeads(), i % shape.kvHeads());
      codecOf[i] =
          known.computeIfAbsent(
              calibration,
              head -> {
                codecs.add(CodecCatalog.bind(scheme, shape.headDim(), config.blockTokens(), head));
                return codecs.size() - 1;
              });
    }
    blockBytes = codecs.getFirst().layout().bytes();
  }

  /** Distinct codecs. */
  int size() {
    return codecs.size();
  }

  BlockCodec codec(int index) {
    return codecs.get(index);
  }

  /** Which of the distinct codecs a head has. */
  int indexOf(int layer, int kvHead) {
    return codecOf[layer * shape.kvHeads() + kvHead];
  }

  /** Offset of a head's block within a frame. */
  long offset(int layer, int kvHead) {
    return (layer * shape.kvHeads() + kvHead) * blockBytes;
  }

  /** Bytes of one block of all layers and heads. */
  long frameBytes() {
    return codecOf.length * blockBytes;
  }

  /** True if some format encodes several tokens together. */
  boolean groupsRows() {
    BlockCodec first = codecs.getFirst();
    return first.keys().rowGroup() > 1 || first.values().rowGroup() > 1;
  }
}
