package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class ExpiryHeapProperties {

  private static final int ENTRIES = 24;

  private record Due(long deadline, int added) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int byDeadline = Long.compare(deadline, other.deadline);
      return byDeadline != 0 ? byDeadline : Integer.compare(added, other.added);
    }
  }

  @Property(tries = 1000, edgeCases = EdgeCasesMode.NONE)
  void earliestIsFirstAndAmongEqualsTheFirstAdded(
      @ForAll @Size(max = 200) List<@IntRange(max = 24 * 8 - 1) Integer> toggles) {
    var heap = new ExpiryHeap();
    heap.reserve(ENTRIES);
    var sorted = new TreeMap<Due, Integer>();
    Map<Integer, Due> held = new HashMap<>();
    int time = 0;
    for (int toggle : toggles) {
      int entry = toggle % ENTRIES;
      if (held.containsKey(entry)) {
        heap.remove(entry);
        sorted.remove(held.remove(entry));
      } else {
        var due = new Due(toggle / ENTRIES, time++);
        heap.add(entry, due.deadline());
        held.put(entry, due);
        sorted.put(due, entry);
      }
      assertFirst(heap, sorted);
    }
    while (!sorted.isEmpty()) {
      heap.remove(heap.first());
      sorted.pollFirstEntry();
      assertFirst(heap, sorted);
    }
  }

  private static void assertFirst(ExpiryHeap heap, TreeMap<Due, Integer> sorted) {
    assertThat(heap.isEmpty()).isEqualTo(sorted.isEmpty());
    if (!sorted.isEmpty()) {
      assertThat(heap.first()).isEqualTo(sorted.firstEntry().getValue());
      assertThat(heap.firstDeadline()).isEqualTo(sorted.firstKey().deadline());
    }
  }

  @Property(tries = 20)
  void removingAStrangerDoesNothing(@ForAll @IntRange(max = ENTRIES - 1) int entry) {
    var heap = new ExpiryHeap();
    heap.reserve(ENTRIES);
    heap.remove(entry);
    assertThat(heap.isEmpty()).isTrue();
  }
}
