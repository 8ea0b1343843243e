package org.kvcache.manager;

import java.util.ArrayList;
import java.util.List;
import org.kvcache.BlockManagerConfig;
import org.kvcache.BlockManagerStats.WhatIf;
import org.kvcache.spi.ShadowCache;

/**
 * What the hit rate would be with a quarter, half, twice and four times the slots: miniatures of
 * the cache under the same policy, fed with a sample of the keys.
 *
 * <p>The miniature of the true size tells how far sampling and flatness (no chains, no pins) put
 * the estimate off; the others are corrected by the same ratio of misses.
 */
final class WhatIfCurve {

  private static final double[] SCALES = {0.25, 0.5, 1, 2, 4};
  private static final int TRUE_SIZE = 2;
  private static final int MINIATURE = 512;

  // Older references count half after this many sampled ones.
  private static final int HALVE_EVERY = 64 * MINIATURE;

  private final int slots;
  private final long mask;
  private final ShadowCache[] shadows = new ShadowCache[SCALES.length];
  private final double[] hits = new double[SCALES.length];
  private double references;
  private double allReferences;
  private double allHits;

  WhatIfCurve(BlockManagerConfig config) {
    slots = config.slots();
    int rate = Integer.highestOneBit(Math.max(1, slots / MINIATURE));
    mask = rate - 1L;
    for (int i = 0; i < SCALES.length; i++) {
      int capacity = (int) Math.max(1, Math.round(SCALES[i] * slots / rate));
      shadows[i] = new ShadowCache(capacity, config.seed(), config.policy());
    }
  }

  /** One block asked for, and whether the cache itself had it. */
  void reference(long keyHash, boolean hit) {
    allReferences++;
    allHits += hit ? 1 : 0;
    if (((keyHash >>> 20) & mask) != 0) {
      return;
    }
    if (references >= HALVE_EVERY) {
      halve();
    }
    references++;
    for (int i = 0; i < shadows.length; i++) {
      hits[i] += shadows[i].access(keyHash) ? 1 : 0;
    }
  }

  private void halve() {
    references /= 2;
    allReferences /= 2;
    allHits /= 2;
    for (int i = 0; i < hits.length; i++) {
      hits[i] /= 2;
    }
  }

  /** The curve as it stands. */
  List<WhatIf> points() {
    var points = new ArrayList<WhatIf>();
    if (references == 0) {
      return points;
    }
    double shadowMisses = references - hits[TRUE_SIZE];
    double correction = shadowMisses == 0 ? 1 : (allReferences - allHits) / shadowMisses;
    for (int i = 0; i < SCALES.length; i++) {
      double misses = (references - hits[i]) * correction;
      double hitRate = Math.clamp(1 - misses / allReferences, 0, 1);
      points.add(new WhatIf((int) Math.max(1, Math.round(SCALES[i] * slots)), hitRate));
    }
    return points;
  }
}
