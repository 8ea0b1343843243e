package org.kvcache.bench.engine;

import org.kvcache.KvSequence;

/** The same place filled by kvcache. */
record CachedKv(KvSequence sequence) implements KvStore {

  @Override
  public void append(int layer, int position, int tokens, float[] k, float[] v) {
    sequence.append(layer, position, tokens, k, 0, v, 0);
  }

  @Override
  public void attend(int layer, int position, int tokens, float[] q, float[] out) {
    sequence.attend(layer, position, tokens, q, 0, out, 0);
  }
}
