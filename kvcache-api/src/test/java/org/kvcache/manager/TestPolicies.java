package org.kvcache.manager;

import java.util.List;
import org.kvcache.spi.PolicySpec;

/** Small policies that do not depend on how entries are numbered. */
final class TestPolicies {

  static final PolicySpec LRU =
      PolicySpec.published("lru", "least recently released", 0, LruOrder::new);
  static final PolicySpec LEAF_LRU = LRU.withLeafFirst("leaf-lru", "leaves first");
  static final PolicySpec HINTED_LRU =
      new PolicySpec("hinted-lru", "ended sessions first", true, 0, true, LruOrder::new);
  static final PolicySpec GHOST_FIFO =
      PolicySpec.published("ghost-fifo", "first in, first out", 1, GhostFifo::new);
  static final PolicySpec RANDOM =
      PolicySpec.published("random", "any, ghosts by coin", 0.5, RandomOrder::new);
  static final PolicySpec LEAF_RANDOM = RANDOM.withLeafFirst("leaf-random", "any leaf");
  static final List<PolicySpec> ALL =
      List.of(LRU, LEAF_LRU, HINTED_LRU, GHOST_FIFO, RANDOM, LEAF_RANDOM);

  private TestPolicies() {}
}
