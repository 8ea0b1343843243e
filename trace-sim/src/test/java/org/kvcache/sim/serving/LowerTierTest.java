package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kvcache.BlockKeys;
import org.kvcache.spi.PolicyCatalog;

class LowerTierTest {
  private static final int BLOCK = 4;

  @Test
  void keepsThePrefixThatFitsAndPinsNothing() {
    try (LowerTier tier = tier(TierSize.Place.HOST, 3)) {
      BlockKeys first = keys(1, 5);
      assertThat(tier.lookUp(first, 5)).isZero();
      tier.keep(first, 5);
      assertThat(tier.lookUp(first, 5)).isEqualTo(3);
      assertThat(tier.lookUp(first, 2)).isEqualTo(2);
      tier.keep(keys(100, 3), 3);
      assertThat(tier.lookUp(keys(100, 3), 3)).isEqualTo(3);
      assertThat(tier.lookUp(first, 5)).isZero();
      assertThat(tier.writtenBlocks()).isEqualTo(6);
    }
  }

  @Test
  void writesOnlyWhatIsNew() {
    try (LowerTier tier = tier(TierSize.Place.DISK, 10)) {
      tier.keep(keys(1, 3), 3);
      tier.keep(keys(1, 5), 5);
      assertThat(tier.writtenBlocks()).isEqualTo(5);
    }
  }

  @ParameterizedTest
  @EnumSource(TierSize.Place.class)
  void readsOneAfterTheOther(TierSize.Place place) {
    try (LowerTier tier = tier(place, 10)) {
      var store = Machines.slow(1000);
      double bandwidth =
          place == TierSize.Place.DISK ? store.disk().bandwidth() : store.network().bandwidth();
      double latency =
          place == TierSize.Place.DISK ? store.disk().seconds() : store.network().seconds();
      double first = place == TierSize.Place.HOST ? 2 : 2 + 1000 / bandwidth + latency;
      double second = place == TierSize.Place.HOST ? 2 : first + 3000 / bandwidth;
      assertThat(tier.read(2, 1000)).isCloseTo(first, within(1e-12));
      assertThat(tier.read(2, 3000)).isCloseTo(second, within(1e-12));
    }
  }

  @Test
  void channelWorksInOrderAndRestsBetween() {
    var channel = new Channel();
    assertThat(channel.occupy(1, 2)).isEqualTo(3);
    assertThat(channel.occupy(2, 2)).isEqualTo(5);
    assertThat(channel.occupy(10, 1)).isEqualTo(11);
    assertThat(channel.busySeconds()).isEqualTo(5);
  }

  private static BlockKeys keys(long from, int count) {
    var keys = new BlockKeys();
    for (int i = 0; i < count; i++) {
      keys.add(0, from + i);
    }
    return keys;
  }

  private static LowerTier tier(TierSize.Place place, int blocks) {
    return new LowerTier(
        Machines.tier(place, blocks, BLOCK),
        Machines.small(100, BLOCK),
        BLOCK,
        PolicyCatalog.named("lru"),
        1);
  }
}
