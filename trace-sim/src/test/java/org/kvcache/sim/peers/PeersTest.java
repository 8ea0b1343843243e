package org.kvcache.sim.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicyContext;
import org.kvcache.spi.PolicySpec;

class PeersTest {

  private final List<Integer> forgotten = new ArrayList<>();

  @Test
  void areInTheCatalogue() {
    assertThat(PolicyCatalog.all())
        .extracting(PolicySpec::name)
        .contains("vllm-offload-arc", "kvbm-multilru", "sglang-slru");
  }

  @Test
  void offloadArcPutsGhostHitsIntoT1() {
    EvictionPolicy arc = policy(Peers.OFFLOAD_ARC, 2);
    bringIn(arc, 0);
    bringIn(arc, 1);
    assertThat(evictNext(arc)).isEqualTo(0);
    arc.miss(0);
    assertThat(arc.state()).containsEntry("target_t1_size", 1.0).containsEntry("b1", 0.0);
    arc.insert(0);
    arc.release(0, true);
    assertThat(arc.state()).containsEntry("t1", 2.0).containsEntry("t2", 0.0);
  }

  @Test
  void offloadArcTakesFromT1AtItsTarget() {
    EvictionPolicy arc = policy(Peers.OFFLOAD_ARC, 2);
    bringIn(arc, 0);
    use(arc, 0);
    bringIn(arc, 1);
    assertThat(arc.victim()).isEqualTo(1);
    arc.hit(1);
    assertThat(arc.victim()).isEqualTo(0);
    arc.hit(0);
    assertThat(arc.victim()).isEqualTo(EvictionPolicy.NONE);
  }

  @Test
  void offloadArcBoundsEachGhostList() {
    EvictionPolicy arc = policy(Peers.OFFLOAD_ARC, 2);
    for (int entry = 0; entry < 4; entry++) {
      bringIn(arc, entry);
      evictNext(arc);
    }
    assertThat(forgotten).containsExactly(0, 1);
  }

  @Test
  void multiLruTakesFromTheColdestLevel() {
    EvictionPolicy multiLru = policy(Peers.MULTI_LRU, 4);
    bringIn(multiLru, 0);
    use(multiLru, 0);
    for (int entry = 1; entry < 3; entry++) {
      bringIn(multiLru, entry);
    }
    for (int i = 0; i < 5; i++) {
      use(multiLru, 1);
    }
    assertThat(multiLru.state())
        .containsEntry("cold", 1.0)
        .containsEntry("warm", 1.0)
        .containsEntry("hot", 1.0);
    assertThat(evictNext(multiLru)).isEqualTo(2);
    assertThat(evictNext(multiLru)).isEqualTo(0);
    assertThat(evictNext(multiLru)).isEqualTo(1);
    assertThat(multiLru.victim()).isEqualTo(EvictionPolicy.NONE);
  }

  @Test
  void slruProtectsAfterTwoHits() {
    EvictionPolicy slru = policy(Peers.SLRU, 4);
    bringIn(slru, 0);
    use(slru, 0);
    use(slru, 0);
    bringIn(slru, 1);
    use(slru, 1);
    assertThat(evictNext(slru)).isEqualTo(1);
    assertThat(evictNext(slru)).isEqualTo(0);
  }

  @Test
  void slruEvictsLeavesOnly() {
    EvictionPolicy slru = policy(Peers.SLRU, 4);
    slru.miss(0);
    slru.insert(0);
    slru.miss(1);
    slru.insert(1);
    slru.release(1, true);
    slru.release(0, false);
    assertThat(evictNext(slru)).isEqualTo(1);
    assertThat(slru.victim()).isEqualTo(EvictionPolicy.NONE);
    slru.expose(0);
    assertThat(slru.victim()).isEqualTo(0);
  }

  private static void bringIn(EvictionPolicy policy, int entry) {
    policy.miss(entry);
    policy.insert(entry);
    policy.release(entry, true);
  }

  private static void use(EvictionPolicy policy, int entry) {
    policy.hit(entry);
    policy.release(entry, true);
  }

  private static int evictNext(EvictionPolicy policy) {
    int victim = policy.victim();
    policy.evict(victim);
    return victim;
  }

  private EvictionPolicy policy(PolicySpec spec, int capacity) {
    return spec.factory()
        .apply(
            new PolicyContext() {
              @Override
              public int capacity() {
                return capacity;
              }

              @Override
              public int maxEntries() {
                return spec.maxEntries(capacity);
              }

              @Override
              public long keyHash(int entry) {
                return (entry + 1) * 0x9E3779B97F4A7C15L;
              }

              @Override
              public long seed() {
                return 0;
              }

              @Override
              public void forget(int ghost) {
                forgotten.add(ghost);
              }
            });
  }
}
