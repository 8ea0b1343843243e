package org.kvcache.offload.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TailSlotsTest {

  @Test
  void blockInWhosePlaceAnotherOneWasMovedIsNotThereAnyMore() {
    var tail = new TailSlots(1);
    tail.use(new int[] {10, 11, 12});
    tail.put(3);
    tail.put(4);

    tail.clear(4, 7); // the transfer of 5 and 6 fails: nobody puts them

    assertThat(tail.holds(3)).isFalse();
    assertThat(tail.holds(4)).isTrue();
    assertThat(tail.holds(6)).isFalse();
  }

  @Test
  void slotsFollowBlocksAroundTheRing() {
    var tail = new TailSlots(2);
    tail.use(new int[] {10, 11, 20, 21, 30, 31});
    int[] slots = new int[6];

    assertThat(tail.list(4, 6, slots, 1)).isEqualTo(5);
    assertThat(slots).containsExactly(0, 20, 21, 30, 31, 0);
  }
}
