package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.KvCache;
import org.kvcache.spi.TierSpec.StoreWhen;

class KvCacheStressTest {

  private static final int THREADS = 16;
  private static final int STEPS = 1_500;

  @ParameterizedTest
  @CsvSource({
    "leaf-lru, plain, false",
    "random, plain, false",
    "ghost-fifo, plain4, false",
    "hinted-lru, plain, true"
  })
  void sixteenEnginesNeverReadAnothersRows(String policy, String scheme, boolean staged)
      throws Exception {
    var near = new HeapTier();
    var far = new HeapTier();
    near.failEvery = 13;
    far.failEvery = 7;
    far.remote = true;
    int spares = 24;
    try (KvCache cache =
            Caches.open(
                400 + spares,
                builder ->
                    builder
                        .policy(policy)
                        .scheme(scheme)
                        .staged(staged)
                        .spareBlocks(spares)
                        .tier(near.spec("near", StoreWhen.EVICTED))
                        .tier(far.spec("far", StoreWhen.COMMITTED)));
        var threads = Executors.newFixedThreadPool(THREADS + 1)) {
      var over = new AtomicBoolean();
      Future<?> weather = threads.submit(() -> disturb(near, far, over));
      List<Callable<Client>> engines = new ArrayList<>();
      for (int seed = 0; seed < THREADS; seed++) {
        var random = new Random(seed);
        engines.add(() -> run(new Client(cache, new Rows(Caches.SHAPE), random)));
      }
      long matched = 0;
      try {
        for (Future<Client> engine : threads.invokeAll(engines)) {
          matched += engine.get().matched;
        }
      } finally {
        over.set(true);
      }
      weather.get();
      cache.flush();
      assertThat(matched).isPositive();
      assertThat(cache.stats().promotedTokens()).isPositive();
      KvCacheProperties.assertAllIsBack(cache);
    }
  }

  private static Client run(Client client) {
    for (int i = 0; i < STEPS; i++) {
      client.step();
    }
    client.endAll();
    return client;
  }

  private static void disturb(HeapTier near, HeapTier far, AtomicBoolean over) {
    var random = new Random(99);
    while (!over.get()) {
      near.down = random.nextInt(4) == 0;
      far.throwing = random.nextInt(4) == 0;
      if (random.nextInt(4) == 0) {
        near.blocks.clear();
      }
      Thread.yield();
    }
    near.down = false;
    far.throwing = false;
  }
}
