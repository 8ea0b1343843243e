package org.kvcache.offload;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.lifecycle.AfterTry;
import net.jqwik.api.lifecycle.BeforeTry;
import org.kvcache.BlockKeys;

class SegmentTierProperties {

  private static final int BLOCK = 13_000; // 5 in a segment

  enum Call {
    STORE,
    LOAD,
    REOPEN
  }

  /** A call with a run of keys. */
  record Step(Call call, int from, int count) {
    BlockKeys keys() {
      return DerivedBlocks.range(from, from + count);
    }
  }

  private DiskFixture disk;

  @BeforeTry
  void directory() throws IOException {
    disk = new DiskFixture(Files.createTempDirectory("segments"), BLOCK);
  }

  @AfterTry
  void clean() throws IOException {
    try (Stream<Path> files = Files.walk(disk.root)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(file -> {
            try {
              Files.delete(file);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return steps(Arbitraries.frequency(Tuple.of(10, Call.STORE), Tuple.of(8, Call.LOAD)));
  }

  @Provide
  Arbitrary<List<Step>> stepsWithRestarts() {
    return steps(
        Arbitraries.frequency(
            Tuple.of(10, Call.STORE), Tuple.of(8, Call.LOAD), Tuple.of(2, Call.REOPEN)));
  }

  private static Arbitrary<List<Step>> steps(Arbitrary<Call> calls) {
    return Combinators.combine(
            calls, Arbitraries.integers().between(0, 40), Arbitraries.integers().between(1, 6))
        .as(Step::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(120);
  }

  @Property(tries = 60, seed = "11")
  void holdsWhatAnLruMapHolds(@ForAll("steps") List<Step> steps) {
    int capacity = disk.layout(5).capacity();
    var model = new LruModel(capacity);
    try (SegmentTier tier = disk.open(5)) {
      for (Step step : steps) {
        BlockKeys keys = step.keys();
        if (step.call() == Call.STORE) {
          assertThat(disk.store(tier, keys)).isEqualTo(model.store(step));
        } else {
          assertThat(tier.probe(keys, 0, keys.size())).isEqualTo(model.probe(step));
          assertThat(disk.load(tier, keys)).isEqualTo(model.load(step));
        }
        assertThat(tier.status().blocks()).isEqualTo(model.held.size());
        assertThat(tier.status().evictedBlocks()).isEqualTo(model.evicted);
      }
    }
  }

  @Property(tries = 80, seed = "12")
  void servesRightBytesOnlyThroughRestartsAndEvictions(
      @ForAll("stepsWithRestarts") List<Step> steps, @ForAll("policies") String policy) {
    int capacity = disk.layout(5).capacity();
    Set<Long> stored = new HashSet<>();
    SegmentTier tier = disk.open(5, policy);
    try {
      for (Step step : steps) {
        BlockKeys keys = step.keys();
        switch (step.call()) {
          case STORE -> {
            assertThat(disk.store(tier, keys)).isBetween(1, keys.size());
            names(keys, stored);
          }
          case LOAD -> {
            int probed = tier.probe(keys, 0, keys.size());
            assertThat(disk.load(tier, keys)).isEqualTo(probed);
            for (int i = 0; i < probed; i++) {
              assertThat(stored).contains(keys.lo(i));
            }
          }
          case REOPEN -> {
            tier.close();
            tier = disk.open(5, policy);
          }
        }
        assertThat(tier.status().blocks()).isLessThanOrEqualTo(Math.min(capacity, stored.size()));
        if (stored.size() <= capacity) {
          assertThat(tier.status().blocks()).isEqualTo(stored.size());
        }
        assertThat(disk.segments()).hasSizeLessThan(5);
        assertThat(tier.status().corruptBlocks()).isZero();
        assertThat(tier.status().failures()).isZero();
      }
    } finally {
      tier.close();
    }
  }

  @Provide
  Arbitrary<String> policies() {
    return Arbitraries.of("lru", "arc", "sieve", "s3-fifo", "lirs", "2q", "w-tinylfu", "adaptive");
  }

  private static void names(BlockKeys keys, Set<Long> into) {
    for (int i = 0; i < keys.size(); i++) {
      into.add(keys.lo(i));
    }
  }

  /** Names in the order of their last use, the least recent first. */
  private static final class LruModel {
    private final int capacity;
    private final Map<Integer, Boolean> held = new LinkedHashMap<>(16, 0.75f, true);
    private int evicted;

    LruModel(int capacity) {
      this.capacity = capacity;
    }

    int store(Step step) {
      for (int name = step.from() + step.count() - 1; name >= step.from(); name--) {
        if (!held.containsKey(name) && held.size() == capacity) {
          held.remove(new ArrayList<>(held.keySet()).getFirst());
          evicted++;
        }
        held.put(name, true);
      }
      int after = 0;
      for (int name = step.from(); name < step.from() + step.count(); name++) {
        after += held.containsKey(name) ? 1 : 0;
      }
      return after;
    }

    int probe(Step step) {
      int i = 0;
      while (i < step.count() && held.containsKey(step.from() + i)) {
        i++;
      }
      return i;
    }

    int load(Step step) {
      int loaded = probe(step);
      for (int i = loaded - 1; i >= 0; i--) {
        held.get(step.from() + i);
      }
      return loaded;
    }
  }
}
