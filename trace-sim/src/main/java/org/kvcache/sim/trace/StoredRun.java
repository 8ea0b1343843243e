package org.kvcache.sim.trace;

import org.jspecify.annotations.Nullable;

/** Blocks that came to the device together, in order, behind a parent block if there is one. */
final class StoredRun {
  final long[] hashes;
  final @Nullable Long parent;
  final int blockTokens;

  StoredRun(long[] hashes, @Nullable Long parent, int blockTokens) {
    this.hashes = hashes;
    this.parent = parent;
    this.blockTokens = blockTokens;
  }
}
