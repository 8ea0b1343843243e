package org.kvcache.sim.serving;

import java.util.BitSet;
import org.kvcache.sim.trace.ChainKeys;

/** A cache that never evicts: every block but the first of its kind is found. */
final class UnboundedReuse implements Reuse {
  private final BitSet seen = new BitSet();

  @Override
  public int blocks(Sequence sequence, int found, int limit) {
    int reused = 0;
    for (int i = 0; i < sequence.keys.size(); i++) {
      int block = ChainKeys.block(sequence.keys.lo(i));
      if (i < limit && seen.get(block)) {
        reused++;
      }
      seen.set(block);
    }
    return reused;
  }
}
