package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.kvcache.KvCache;
import org.kvcache.spi.TierSpec.StoreWhen;

class KvCacheProperties {

  record Setting(
      long seed,
      int blocks,
      String policy,
      String scheme,
      boolean staged,
      int tiers,
      int failEvery,
      int spares,
      String hasher) {}

  @Provide
  Arbitrary<Setting> settings() {
    return Combinators.combine(
            Arbitraries.longs(),
            Arbitraries.integers().between(4, 60),
            Arbitraries.of("lru", "leaf-lru", "hinted-lru", "ghost-fifo", "random", "leaf-random"),
            Arbitraries.of("plain", "plain", "plain4"),
            Arbitraries.of(false, false, true),
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 9),
            Arbitraries.of("sha256", "xxh3"))
        .as((seed, blocks, policy, scheme, staged, tiers, failEvery, hasher) ->
            new Setting(
                seed,
                blocks,
                policy,
                scheme,
                staged,
                tiers,
                failEvery,
                (int) Math.floorMod(seed, 40L),
                hasher));
  }

  @Property(tries = 150)
  void everySequenceReadsWhatItsTokensMean(@ForAll("settings") Setting setting) {
    var tiers = new HeapTier[setting.tiers];
    int spares = tiers.length == 0 ? 0 : setting.spares;
    try (KvCache cache =
        Caches.open(
            setting.blocks + spares,
            builder -> {
              builder
                  .policy(setting.policy)
                  .scheme(setting.scheme)
                  .staged(setting.staged)
                  .hasher(setting.hasher)
                  .spareBlocks(spares);
              for (int i = 0; i < tiers.length; i++) {
                tiers[i] = new HeapTier();
                tiers[i].remote = i == 1;
                tiers[i].failEvery = setting.failEvery;
                builder.tier(
                    tiers[i].spec("heap" + i, i == 0 ? StoreWhen.EVICTED : StoreWhen.COMMITTED));
              }
              return builder;
            })) {
      var client = new Client(cache, new Rows(Caches.SHAPE), new Random(setting.seed));
      for (int i = 0; i < 120; i++) {
        client.step();
      }
      client.endAll();
      assertAllIsBack(cache);
    }
  }

  static void assertAllIsBack(KvCache cache) {
    var stats = cache.stats();
    assertThat(stats.openSequences()).isZero();
    assertThat(stats.stagedBytes()).isZero();
    assertThat(stats.blocks().openTables()).isZero();
    assertThat(stats.blocks().pinnedBlocks()).isZero();
    assertThat(stats.blocks().privateBlocks()).isZero();
    assertThat(stats.blocks().freeSlots() + stats.blocks().cachedBlocks())
        .isEqualTo(stats.blocks().slots());
    assertThat(stats.leakedSequences()).isZero();
  }
}
