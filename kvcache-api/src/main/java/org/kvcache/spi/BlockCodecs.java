package org.kvcache.spi;

/** The codec of each layer and KV head of a cache. Thread-safe. */
@FunctionalInterface
public interface BlockCodecs {

  /** Of one layer and KV head; heads of one calibration share one object. */
  BlockCodec of(int layer, int kvHead);
}
