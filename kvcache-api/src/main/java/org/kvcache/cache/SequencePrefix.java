package org.kvcache.cache;

import java.lang.foreign.MemorySegment;
import org.kvcache.spi.PrefixKv;

/** The full blocks of a sequence for those that attend to a part of them. */
record SequencePrefix(SequenceBlocks sequence, FrameMemory frames, CodecTable codecs)
    implements PrefixKv {

  @Override
  public int blocks() {
    return sequence.sealed();
  }

  @Override
  public MemorySegment memory() {
    return frames.memory();
  }

  @Override
  public long block(int layer, int kvHead, int index) {
    return frames.offset(sequence.frame(index)) + codecs.offset(layer, kvHead);
  }
}
