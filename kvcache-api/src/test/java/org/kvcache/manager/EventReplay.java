package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.kvcache.BlockKey;
import org.kvcache.KvEvent;
import org.kvcache.KvEventListener;

/** The index a router would build: fails on a gap, a duplicate or the removal of a stranger. */
final class EventReplay implements KvEventListener {

  private final Set<BlockKey> keys = new LinkedHashSet<>();
  private final List<KvEvent> fresh = new ArrayList<>();
  private final List<AssertionError> complaints = new ArrayList<>();
  private long last;

  @Override
  public void onEvent(KvEvent event) {
    try {
      assertThat(event.sequence()).isEqualTo(++last);
      fresh.add(event);
      switch (event) {
        case KvEvent.BlockStored stored -> {
          assertThat(keys).doesNotContainAnyElementsOf(stored.blockKeys());
          keys.addAll(stored.blockKeys());
        }
        case KvEvent.BlockRemoved removed -> {
          assertThat(keys).containsAll(removed.blockKeys());
          removed.blockKeys().forEach(keys::remove);
        }
        case KvEvent.AllBlocksCleared _ -> keys.clear();
      }
    } catch (AssertionError complaint) {
      complaints.add(complaint);
    }
  }

  List<KvEvent> takeNew() {
    assertThat(complaints).isEmpty();
    List<KvEvent> taken = List.copyOf(fresh);
    fresh.clear();
    return taken;
  }

  Set<BlockKey> keys() {
    assertThat(complaints).isEmpty();
    return keys;
  }
}
