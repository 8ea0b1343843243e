package org.kvcache.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class EntryIndexProperties {

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void behavesAsAMap(
      @ForAll @IntRange(min = 1, max = 20) int capacity,
      @ForAll @Size(max = 200) List<@From("hashes") Long> toggled) {
    var index = new EntryIndex(capacity);
    Map<Long, Integer> map = new HashMap<>();
    List<Integer> free = new ArrayList<>();
    for (int entry = 0; entry < capacity; entry++) {
      free.add(entry);
    }
    for (long hash : toggled) {
      Integer known = map.remove(hash);
      if (known != null) {
        index.remove(hash, known);
        free.add(known);
      } else if (!free.isEmpty()) {
        int entry = free.remove(free.size() / 2);
        index.put(hash, entry);
        map.put(hash, entry);
      }
      assertSame(index, map, toggled);
    }
  }

  private static void assertSame(EntryIndex index, Map<Long, Integer> map, List<Long> hashes) {
    for (long hash : hashes) {
      Set<Integer> candidates = candidates(index, hash);
      if (map.containsKey(hash)) {
        assertThat(candidates).contains(map.get(hash));
      }
      map.forEach((other, entry) ->
          assertThat(candidates.contains(entry)).isEqualTo(other >>> 32 == hash >>> 32));
    }
  }

  private static Set<Integer> candidates(EntryIndex index, long hash) {
    Set<Integer> candidates = new HashSet<>();
    for (int e = index.first(hash); e != EntryIndex.NONE; e = index.next(hash)) {
      assertThat(candidates.add(e)).isTrue();
    }
    return candidates;
  }

  @Provide
  Arbitrary<Long> hashes() {
    Arbitrary<Long> upper = Arbitraries.of(0L, 1L, 2L, 3L, 31L, 0x7FFF_FFFFL, 0xFFFF_FFFFL);
    return upper.flatMap(u -> Arbitraries.longs().between(0, 3).map(lower -> u << 32 | lower));
  }

  @Example
  void fullIndexOfOneFragmentFindsAll() {
    var index = new EntryIndex(16);
    for (int entry = 0; entry < 16; entry++) {
      index.put(-1L - entry, entry);
    }
    assertThat(candidates(index, -1)).hasSize(16);
    for (int entry = 0; entry < 16; entry += 2) {
      index.remove(-1L - entry, entry);
    }
    assertThat(candidates(index, -1)).containsExactlyInAnyOrder(1, 3, 5, 7, 9, 11, 13, 15);
  }

  @Example
  void clearForgetsAll() {
    var index = new EntryIndex(4);
    index.put(1L << 32, 2);
    index.clear();
    assertThat(index.first(1L << 32)).isEqualTo(EntryIndex.NONE);
  }

  @Example
  void removingAStrangerIsRefused() {
    var index = new EntryIndex(4);
    index.put(1L << 32, 2);
    assertThatIllegalStateException()
        .isThrownBy(() -> index.remove(1L << 32, 1))
        .withMessageContaining("entry 1");
  }

  @Property(tries = 200)
  void keysThatDifferInOneHalfHashApart(@ForAll long hi, @ForAll long lo) {
    assertThat(EntryIndex.hash(hi, lo)).isNotEqualTo(EntryIndex.hash(hi, lo + 1));
    assertThat(EntryIndex.hash(hi, lo)).isNotEqualTo(EntryIndex.hash(hi + 1, lo));
  }
}
