package org.kvcache.sim.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class EventQueueTest {
  private final EventQueue queue = new EventQueue();

  private record Event(double time, EventQueue.Kind kind, int subject) {}

  @Test
  void soonestComesFirstAndOfTiesTheFirstAdded() {
    var random = new SplittableRandom(3);
    var added = new ArrayList<Event>();
    var seen = new ArrayList<Event>();
    for (int i = 0; i < 5000; i++) {
      double base = Math.max(0, queue.now());
      var kind = EventQueue.Kind.values()[random.nextInt(4)];
      var event = new Event(base + random.nextInt(20), kind, i);
      queue.add(event.time, event.kind, event.subject);
      added.add(event);
      if (random.nextInt(3) == 0) {
        assertThat(queue.next()).isTrue();
        seen.add(new Event(queue.now(), queue.kind(), queue.subject()));
      }
    }
    while (queue.next()) {
      seen.add(new Event(queue.now(), queue.kind(), queue.subject()));
    }
    // Nothing is added before now, so what is seen is what was added, sorted and stable.
    added.sort(Comparator.comparingDouble(Event::time));
    assertThat(seen).isEqualTo(added);
  }

  @Test
  void isEmptyAtFirstAndAtTheEnd() {
    assertThat(queue.next()).isFalse();
    queue.add(1, EventQueue.Kind.ARRIVAL, 7);
    assertThat(queue.next()).isTrue();
    assertThat(queue.subject()).isEqualTo(7);
    assertThat(queue.next()).isFalse();
    assertThat(queue.now()).isEqualTo(1);
  }

  @Test
  void refusesThePastAndWhatIsNoTime() {
    queue.add(5, EventQueue.Kind.PASS_END, 0);
    queue.next();
    queue.add(5, EventQueue.Kind.PASS_END, 1);
    assertThatThrownBy(() -> queue.add(4.9, EventQueue.Kind.ARRIVAL, 2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("an event at 4.9 s; it is 5.0 s already");
    assertThatThrownBy(() -> queue.add(Double.NaN, EventQueue.Kind.ARRIVAL, 2))
        .isInstanceOf(IllegalStateException.class);
  }
}
