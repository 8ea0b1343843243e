package org.kvcache.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kvcache.sim.RunSettings;
import org.kvcache.sim.Simulator;

class PeersTest {

  private static final BenchStream STREAM = KeyStreams.zipfAndScans(1, 200_000, 20_000);

  @ParameterizedTest
  @CsvSource({"lru", "fifo", "sieve", "2q"})
  void hitsEqualCaffeines(String policy) {
    for (int capacity : new int[] {16, 137, 1_000, 5_000}) {
      assertThat(ours(policy, capacity))
          .as("%s at %d", policy, capacity)
          .isEqualTo(theirs(policy, capacity));
    }
  }

  @ParameterizedTest
  @CsvSource({"arc, 0.01", "s3-fifo, 0.01", "lirs, 0.01", "w-tinylfu, 0.05"})
  void hitsAreNearCaffeines(String policy, double share) {
    for (int capacity : new int[] {137, 1_000, 5_000}) {
      long theirs = theirs(policy, capacity);
      assertThat((double) ours(policy, capacity))
          .as("%s at %d", policy, capacity)
          .isCloseTo(theirs, within(share * theirs));
    }
  }

  @ParameterizedTest
  @CsvSource({"16", "137", "1000", "5000"})
  void beladyIsBelowCaffeinesWhichNeedNotKeepWhatComesIn(int capacity) {
    long theirs = theirs("opt", capacity);
    assertThat(theirs).isEqualTo(beladyThatMayBypass(STREAM.blocks(), capacity));
    assertThat((double) ours("opt", capacity))
        .isLessThanOrEqualTo(theirs)
        .isCloseTo(theirs, within(0.03 * theirs));
  }

  @Test
  void everyPairingSaysWhyHitsMayDiffer() {
    for (Pairing pairing : Pairing.values()) {
      assertThat(pairing.note().isEmpty()).isEqualTo(pairing.tolerance() == 0);
      assertThat(Pairing.of(pairing.label())).isEqualTo(pairing);
    }
  }

  private static long ours(String policy, int capacity) {
    return new Simulator(STREAM.trace(), RunSettings.flat()).run(policy, capacity).blockHits();
  }

  private static long theirs(String policy, int capacity) {
    PeerLibrary.Cache cache =
        new CaffeinePeers().open(policy, capacity, STREAM.trace().uniqueBlocks());
    cache.replay(STREAM.blocks());
    return cache.hits();
  }

  private static long beladyThatMayBypass(int[] keys, int capacity) {
    int[] next = new int[keys.length];
    int[] seen = new int[keys.length];
    Arrays.fill(seen, Integer.MAX_VALUE);
    for (int i = keys.length - 1; i >= 0; i--) {
      next[i] = seen[keys[i]] == Integer.MAX_VALUE ? keys.length + i : seen[keys[i]];
      seen[keys[i]] = i;
    }
    var due = new TreeSet<Integer>();
    long hits = 0;
    for (int i = 0; i < keys.length; i++) {
      hits += due.remove(i) ? 1 : 0;
      due.add(next[i]);
      if (due.size() > capacity) {
        due.pollLast();
      }
    }
    return hits;
  }
}
