package org.kvcache.manager;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.kvcache.BlockManager;
import org.kvcache.BlockManager.Registration;
import org.kvcache.BlockTable;
import org.kvcache.ExtraKeys;
import org.kvcache.KvEvent;
import org.kvcache.SequenceContent;

class KvEventTest {

  private final BlockManager manager =
      Serving.open(3, TestPolicies.LEAF_LRU, builder -> builder.medium("CPU"));
  private final List<KvEvent> events = new ArrayList<>();

  @Test
  void storedBlocksTellWhatTheEngineTold() {
    manager.listen(events::add);
    ExtraKeys lora = ExtraKeys.ofLora("adapter");
    var content = new SequenceContent(new int[] {1, 2, 3, 4, 5}, "adapter", List.of(lora, lora), 7);
    BlockTable table = Serving.begin(manager, "abc");
    manager.commit(table, Chains.keys("abc"), 1, content);
    manager.commit(table, Chains.keys("abc"), 3, content);
    assertThat(events)
        .containsExactly(
            new KvEvent.BlockStored(
                1,
                List.of(Chains.key("a")),
                null,
                List.of(1, 2),
                2,
                "adapter",
                "CPU",
                List.of(lora),
                7),
            new KvEvent.BlockStored(
                2,
                List.of(Chains.key("ab"), Chains.key("abc")),
                Chains.key("a"),
                List.of(3, 4, 5),
                2,
                "adapter",
                "CPU",
                List.of(lora),
                7));
  }

  @Test
  void blocksPublishedByOthersAreLeftOut() {
    BlockTable first = Serving.begin(manager, "a");
    BlockTable second = manager.newTable();
    manager.allocate(second, 2);
    manager.commit(first, Chains.keys("a"), 1);
    manager.listen(events::add);
    manager.commit(second, Chains.keys("ab"), 2);
    assertThat(events).hasSize(1);
    KvEvent.BlockStored stored = (KvEvent.BlockStored) events.getFirst();
    assertThat(stored.blockKeys()).containsExactly(Chains.key("ab"));
    assertThat(stored.parentKey()).isEqualTo(Chains.key("a"));
    assertThat(stored.tokenIds()).isEmpty();
  }

  @Test
  void removedBlocksComeInOneEventInOrder() {
    Serving.serve(manager, "abc");
    manager.listen(events::add);
    manager.allocate(manager.newTable(), 2);
    assertThat(events)
        .containsExactly(
            new KvEvent.BlockRemoved(1, List.of(Chains.key("abc"), Chains.key("ab")), "CPU"));
  }

  @Test
  void clearIsOneEvent() {
    Serving.serve(manager, "abc");
    manager.listen(events::add);
    manager.clear();
    assertThat(events).containsExactly(new KvEvent.AllBlocksCleared(1));
    assertThat(manager.stats().lastEvent()).isEqualTo(1);
  }

  @Test
  void refusedClearIsNone() {
    Serving.run(manager, "abc");
    manager.listen(events::add);
    manager.clear();
    assertThat(events).isEmpty();
  }

  @Test
  void listenerThatThrowsHarmsNobody() {
    Logger.getLogger(EventLog.class.getName()).setFilter(_ -> false);
    manager.listen(_ -> {
      throw new IllegalStateException("broken");
    });
    manager.listen(events::add);
    Serving.serve(manager, "ab");
    Serving.serve(manager, "xy");
    assertThat(events).hasSize(3);
    assertThat(manager.stats().lastEvent()).isEqualTo(3);
  }

  @Test
  void listenerMayCallTheManager() {
    var replay = new EventReplay();
    manager.listen(replay);
    manager.listen(event -> {
      events.add(event);
      if (events.size() == 1) {
        Serving.serve(manager, "x");
        Serving.serve(manager, "z");
      }
    });
    Serving.serve(manager, "ab");
    assertThat(events.stream().map(KvEvent::sequence)).isSorted().doesNotHaveDuplicates();
    assertThat(events).hasSameSizeAs(replay.takeNew());
    assertThat(replay.keys()).hasSize(manager.stats().cachedBlocks());
    assertThat(manager.stats().lastEvent()).isEqualTo(events.getLast().sequence());
  }

  @Test
  void listenerMayEndItsOwnRegistration() {
    List<Registration> own = new ArrayList<>();
    own.add(
        manager.listen(event -> {
          events.add(event);
          own.getFirst().close();
        }));
    Serving.serve(manager, "a");
    Serving.serve(manager, "b");
    assertThat(events).hasSize(1);
  }

  @Test
  void closedRegistrationHearsNothing() {
    Registration registration = manager.listen(events::add);
    Serving.serve(manager, "a");
    registration.close();
    registration.close();
    Serving.serve(manager, "b");
    assertThat(events).hasSize(1);
  }

  @Test
  void registrationsOfOneListenerAreSeparate() {
    EventReplay replay = new EventReplay();
    Registration first = manager.listen(replay);
    first.close();
    Registration second = manager.listen(replay);
    first.close();
    Serving.serve(manager, "a");
    assertThat(replay.keys()).hasSize(1);
    second.close();
  }

  @Test
  void numbersGoOnWithoutGapsForALateListener() {
    manager.listen(events::add);
    Serving.serve(manager, "a");
    List<KvEvent> late = new ArrayList<>();
    manager.listen(late::add);
    Serving.serve(manager, "b");
    assertThat(late.getFirst().sequence()).isEqualTo(2);
  }

  @Test
  void nothingIsCountedWhileNobodyListens() {
    Serving.serve(manager, "abc");
    assertThat(manager.stats().lastEvent()).isZero();
    manager.listen(events::add);
    Serving.serve(manager, "x");
    assertThat(events.stream().map(KvEvent::sequence)).containsExactly(1L, 2L);
  }
}
