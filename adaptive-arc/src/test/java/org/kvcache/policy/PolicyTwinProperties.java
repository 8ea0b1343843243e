package org.kvcache.policy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.kvcache.spi.PolicyCatalog;
import org.kvcache.spi.PolicySpec;

/** Every policy that has a slow twin names the victims its twin names. */
class PolicyTwinProperties {

  @Provide
  Arbitrary<String> twinned() {
    return Arbitraries.of(ReferencePolicies.TWINS.keySet().stream().sorted().toList());
  }

  // LruPolicy is published only: it is never told that a block was exposed.
  @Provide
  Arbitrary<String> guarded() {
    return twinned().filter(name -> !name.equals("lru"));
  }

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void flatStreams(
      @ForAll("twinned") String policy,
      @ForAll @IntRange(min = 1, max = 60) int capacity,
      @ForAll @IntRange(max = 1_500) int accesses,
      @ForAll long seed) {
    new RandomTraffic(twins(policy), capacity, seed).flat(accesses);
  }

  @Property(tries = 600, edgeCases = EdgeCasesMode.NONE)
  void requestsWithPins(
      @ForAll("twinned") String policy,
      @ForAll @IntRange(min = 1, max = 60) int capacity,
      @ForAll @IntRange(max = 500) int steps,
      @ForAll boolean privateSlots,
      @ForAll long seed) {
    new RandomTraffic(twins(policy), capacity, seed).chains(steps, privateSlots).closeAll();
  }

  @Property(tries = 300, edgeCases = EdgeCasesMode.NONE)
  void behindTheLeafGuard(
      @ForAll("guarded") String policy,
      @ForAll @IntRange(min = 1, max = 60) int capacity,
      @ForAll @IntRange(max = 500) int steps,
      @ForAll long seed) {
    PolicySpec leafFirst = twins(policy).withLeafFirst(policy, "behind the leaf guard");
    new RandomTraffic(leafFirst, capacity, seed).chains(steps, false).closeAll();
  }

  private static PolicySpec twins(String policy) {
    return TwinnedPolicy.of(PolicyCatalog.named(policy));
  }
}
