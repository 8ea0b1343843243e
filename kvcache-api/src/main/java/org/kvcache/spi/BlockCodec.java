package org.kvcache.spi;

import org.kvcache.HeadCalibration;

/**
 * A scheme bound to one layer and KV head: the formats of K and V, the basis that keys are stored
 * in, and where both lie in a block. Immutable and thread-safe; its writers and readers belong to
 * one thread each.
 */
public interface BlockCodec {

  /** The scheme this comes from. */
  SchemeSpec scheme();

  /** The basis in which keys and values are stored. */
  HeadCalibration calibration();

  /** The format of keys, in their stored basis. */
  TensorCodec keys();

  /** The format of values, in their stored basis. */
  TensorCodec values();

  /** Where K and V lie in a block. */
  BlockLayout layout();

  /** Encodes rows into blocks. */
  BlockWriter newWriter();

  /** Reads blocks for the {@code heads} query heads that share this KV head. */
  BlockReader newReader(int heads);
}
