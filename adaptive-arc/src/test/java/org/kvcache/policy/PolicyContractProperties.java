package org.kvcache.policy;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

/** What the SPI asks of every policy; {@link MiniCache} checks victims, ghosts and entries. */
class PolicyContractProperties {

  @Provide
  Arbitrary<String> policies() {
    return Arbitraries.of(PolicyCatalog.all().stream().map(PolicySpec::name).toList());
  }

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void victimsAreEvictableAndGhostsBounded(
      @ForAll("policies") String policy,
      @ForAll @IntRange(min = 1, max = 60) int capacity,
      @ForAll @IntRange(max = 600) int steps,
      @ForAll boolean privateSlots,
      @ForAll long seed) {
    var traffic = new RandomTraffic(PolicyCatalog.named(policy), capacity, seed);
    traffic.flat(steps).chains(steps, privateSlots).closeAll();
  }

  @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
  void sameSeedSameVictims(
      @ForAll("policies") String policy,
      @ForAll @IntRange(min = 1, max = 60) int capacity,
      @ForAll long seed) {
    PolicySpec spec = PolicyCatalog.named(policy);
    var first = new RandomTraffic(spec, capacity, seed).flat(200).chains(200, true);
    var second = new RandomTraffic(spec, capacity, seed).flat(200).chains(200, true);
    assertThat(first.cache().victims()).isEqualTo(second.cache().victims());
    assertThat(first.cache().policy().state()).isEqualTo(second.cache().policy().state());
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void namesNobodyWhenAllIsPinned(
      @ForAll("policies") String policy,
      @ForAll @IntRange(min = 1, max = 40) int capacity,
      @ForAll @IntRange(max = 300) int steps,
      @ForAll long seed) {
    var traffic = new RandomTraffic(PolicyCatalog.named(policy), capacity, seed);
    traffic.flat(steps).chains(steps, false).closeAll();
    MiniCache cache = traffic.cache();
    long[] chain = new long[capacity];
    for (int i = 0; i < capacity; i++) {
      chain[i] = -1 - i;
    }
    assertThat(cache.open(chain)).hasSize(capacity);
    assertThat(cache.policy().victim()).isEqualTo(EvictionPolicy.NONE);
    assertThat(cache.open(-1_000)).isEmpty();
  }

  @Property(tries = 100, edgeCases = EdgeCasesMode.NONE)
  void keysOfTheStateAreStable(
      @ForAll("policies") String policy,
      @ForAll @IntRange(max = 400) int steps,
      @ForAll long seed) {
    var traffic = new RandomTraffic(PolicyCatalog.named(policy), 20, seed);
    var before = traffic.cache().policy().state();
    var after = traffic.chains(steps, true).cache().policy().state();
    assertThat(after.keySet()).containsExactlyElementsOf(before.keySet());
    assertThat(after).isNotSameAs(before).doesNotContainValue(Double.NaN);
  }
}
