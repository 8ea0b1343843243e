package org.kvcache.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShadowCacheTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 50})
  void leastRecentlyUsedHitsAreThoseOfALinkedHashMap(int capacity) {
    var shadow = new ShadowCache(capacity, 1, FlatPolicies.LRU);
    Map<Long, Boolean> lru = new LinkedHashMap<>(16, 0.75f, true);
    var random = new Random(capacity);
    for (int i = 0; i < 5_000; i++) {
      long key = (long) Math.abs(random.nextGaussian() * 40);
      assertThat(shadow.access(key)).isEqualTo(lru.put(key, true) != null);
      if (lru.size() > capacity) {
        lru.remove(lru.keySet().iterator().next());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 20})
  void ghostsAreMissesAndAreGivenBack(int capacity) {
    var shadow = new ShadowCache(capacity, 1, FlatPolicies.GHOSTLY);
    Map<Long, Boolean> fifo = new LinkedHashMap<>();
    var random = new Random(capacity);
    for (int i = 0; i < 5_000; i++) {
      long key = random.nextInt(3 * capacity);
      assertThat(shadow.access(key)).isEqualTo(fifo.containsKey(key));
      fifo.putIfAbsent(key, true);
      if (fifo.size() > capacity) {
        fifo.remove(fifo.keySet().iterator().next());
      }
    }
  }

  @Test
  void isWarmOnceFull() {
    var shadow = new ShadowCache(2, 1, FlatPolicies.LRU);
    assertThat(shadow.capacity()).isEqualTo(2);
    shadow.access(1);
    shadow.access(1);
    assertThat(shadow.warm()).isFalse();
    shadow.access(2);
    assertThat(shadow.warm()).isTrue();
    shadow.access(3);
    assertThat(shadow.warm()).isTrue();
  }

  @Test
  void hintsReachOnlyThePolicyThatReadsThem() {
    var hinted = new ShadowCache(2, 1, FlatPolicies.HINTED);
    var plain = new ShadowCache(2, 1, FlatPolicies.LRU);
    for (ShadowCache shadow : new ShadowCache[] {hinted, plain}) {
      shadow.access(1, ReuseHint.NONE);
      shadow.access(2, ReuseHint.ENDED);
      shadow.access(3, ReuseHint.EXPECTED);
    }
    assertThat(hinted.access(1)).isTrue();
    assertThat(plain.access(1)).isFalse();
  }

  @Test
  void policySeesTheKeyItself() {
    var shadow = new ShadowCache(2, 42, FlatPolicies.LRU);
    shadow.access(-7);
    assertThat(shadow.policy().state()).containsEntry("last", -7.0).containsEntry("seed", 42.0);
  }
}
