package org.kvcache.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.Simulator;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.ShadowCache;

class FlatCacheTest {

  private static final BenchStream STREAM = KeyStreams.zipfAndScans(2, 50_000, 5_000);
  private static final int CAPACITY = 700;

  @ParameterizedTest
  @ValueSource(strings = {"lru", "arc", "sieve", "2q", "lirs", "hazard"})
  void doesWhatFlatSimulationDoes(String policy) {
    var cache = new FlatCache(PolicyCatalog.named(policy), CAPACITY, STREAM.trace().uniqueBlocks());
    assertThat(cache.replay(STREAM.blocks()))
        .isEqualTo(
            new Simulator(STREAM.trace(), RunSettings.flat()).run(policy, CAPACITY).blockHits());
  }

  @ParameterizedTest
  @ValueSource(strings = {"lru", "arc", "sieve", "2q", "s3-fifo"})
  void hashedKeysHitAsInternedOnes(String policy) {
    var interned =
        new FlatCache(PolicyCatalog.named(policy), CAPACITY, STREAM.trace().uniqueBlocks());
    var hashed = new ShadowCache(CAPACITY, 0, PolicyCatalog.named(policy));
    long hits = 0;
    for (int block : STREAM.blocks()) {
      hits += hashed.access(block) ? 1 : 0;
    }
    assertThat(hits).isEqualTo(interned.replay(STREAM.blocks()));
  }
}
