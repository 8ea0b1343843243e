package org.kvcache.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FrameMemoryTest {

  private static final long FRAME_BYTES = 64;

  private static FrameMemory memory(int slots, int spares, int reserve) {
    return new FrameMemory(slots, spares, reserve, FRAME_BYTES);
  }

  @Test
  void frameNobodyCaresAboutStaysBehindItsSlot() {
    try (FrameMemory memory = memory(2, 2, 0)) {
      int frame = memory.frameOf(1);
      memory.reuse(1);
      assertThat(memory.frameOf(1)).isEqualTo(frame);
      assertThat(memory.spares()).isEqualTo(2);
    }
  }

  @Test
  void framesDoNotOverlap() {
    try (FrameMemory memory = memory(3, 2, 0)) {
      assertThat(memory.bytes()).isEqualTo(5 * FRAME_BYTES);
      for (int frame = 0; frame < 5; frame++) {
        memory.frame(frame).fill((byte) frame);
      }
      for (int frame = 0; frame < 5; frame++) {
        assertThat(memory.frame(frame).toArray(ValueLayout.JAVA_BYTE)).containsOnly(frame);
      }
    }
  }

  @Test
  void queuedFrameBecomesAnOrphanAndThenASpare() {
    try (FrameMemory memory = memory(2, 1, 0)) {
      int generation = memory.hold(0);
      memory.reuse(0);
      assertThat(memory.frameOf(0)).isEqualTo(2);
      assertThat(memory.spares()).isZero();
      assertThat(memory.begin(0, generation)).isTrue();
      memory.end(0, generation);
      assertThat(memory.spares()).isEqualTo(1);
      assertThat(memory.begin(0, generation)).isFalse();
    }
  }

  @Test
  void droppedTaskOfAnOrphanFreesIt() {
    try (FrameMemory memory = memory(1, 1, 0)) {
      int generation = memory.hold(0);
      memory.reuse(0);
      memory.unhold(0, generation);
      assertThat(memory.spares()).isEqualTo(1);
      memory.unhold(0, generation);
      memory.end(0, generation);
      assertThat(memory.spares()).isEqualTo(1);
    }
  }

  @Test
  void withoutSparesQueuedTasksAreVoid() {
    try (FrameMemory memory = memory(1, 0, 0)) {
      int first = memory.hold(0);
      int second = memory.hold(0);
      assertThat(second).isEqualTo(first);
      memory.reuse(0);
      assertThat(memory.frameOf(0)).isZero();
      assertThat(memory.begin(0, first)).isFalse();
      memory.unhold(0, second);
      int third = memory.hold(0);
      assertThat(third).isNotEqualTo(first);
      assertThat(memory.begin(0, third)).isTrue();
      memory.end(0, third);
    }
  }

  @Test
  void lastSparesAreForFramesATierIsBusyWith() {
    try (FrameMemory memory = memory(3, 2, 1)) {
      int queued = memory.hold(0);
      int busy = memory.hold(1);
      int late = memory.hold(2);
      assertThat(memory.begin(1, busy)).isTrue();
      memory.reuse(0);
      assertThat(memory.spares()).isEqualTo(1);
      memory.reuse(2);
      assertThat(memory.begin(2, late)).isFalse();
      assertThat(memory.spares()).isEqualTo(1);
      memory.reuse(1);
      assertThat(memory.spares()).isZero();
      memory.end(1, busy);
      memory.unhold(0, queued);
      assertThat(memory.spares()).isEqualTo(2);
    }
  }

  @Test
  void orphanAnotherTierHasOnlyQueuedGivesItsReservedSpareBack() {
    try (FrameMemory memory = memory(2, 1, 1)) {
      int generation = memory.hold(0);
      memory.hold(0);
      assertThat(memory.begin(0, generation)).isTrue();
      memory.reuse(0);
      assertThat(memory.spares()).isZero();
      memory.end(0, generation);
      assertThat(memory.spares()).isEqualTo(1);
      assertThat(memory.begin(0, generation)).isFalse();
    }
  }

  @Test
  void frameOfSeveralTiersIsFreeWhenTheLastIsDone() {
    try (FrameMemory memory = memory(1, 1, 0)) {
      int near = memory.hold(0);
      int far = memory.hold(0);
      assertThat(memory.begin(0, near)).isTrue();
      assertThat(memory.begin(0, far)).isTrue();
      memory.reuse(0);
      memory.end(0, near);
      assertThat(memory.spares()).isZero();
      memory.end(0, far);
      assertThat(memory.spares()).isEqualTo(1);
    }
  }

  private record Task(int frame, int generation, long stamp) {}

  /**
   * Owners of slots stamp frames and queue them; tiers check that what they have begun does not
   * change.
   */
  @Test
  void framesThatATierHasBegunAreNotWritten() throws Exception {
    int owners = 3;
    int slotsEach = 4;
    int tiers = 2;
    int reserve = tiers;
    int spares = reserve + 3;
    try (FrameMemory memory = memory(owners * slotsEach, spares, reserve);
        var threads = Executors.newFixedThreadPool(owners + tiers)) {
      var stamps = new AtomicLong();
      var over = new AtomicBoolean();
      var stored = new AtomicLong();
      List<ArrayBlockingQueue<Task>> queues = new ArrayList<>();
      List<Future<?>> tierThreads = new ArrayList<>();
      for (int i = 0; i < tiers; i++) {
        var queue = new ArrayBlockingQueue<Task>(64);
        queues.add(queue);
        tierThreads.add(threads.submit(() -> store(memory, queue, over, stored)));
      }
      List<Callable<Void>> ownerThreads = new ArrayList<>();
      for (int i = 0; i < owners; i++) {
        int first = i * slotsEach;
        var random = new Random(i);
        ownerThreads.add(() -> {
          for (int n = 0; n < 20_000; n++) {
            int slot = first + random.nextInt(slotsEach);
            memory.reuse(slot);
            int frame = memory.frameOf(slot);
            long stamp = stamps.incrementAndGet();
            write(memory, frame, stamp);
            for (var queue : queues) {
              int generation = memory.hold(frame);
              if (!queue.offer(new Task(frame, generation, stamp))) {
                memory.unhold(frame, generation);
              }
            }
            assertThat(isStamped(memory, frame, stamp)).isTrue();
          }
          return null;
        });
      }
      try {
        for (Future<Void> owner : threads.invokeAll(ownerThreads)) {
          owner.get();
        }
      } finally {
        over.set(true);
      }
      for (Future<?> tier : tierThreads) {
        tier.get();
      }
      assertThat(stored.get()).isPositive();
      assertThat(memory.spares()).isEqualTo(spares);
    }
  }

  private static void store(
      FrameMemory memory, ArrayBlockingQueue<Task> queue, AtomicBoolean over, AtomicLong stored) {
    while (true) {
      boolean last = over.get();
      Task task = queue.poll();
      if (task == null) {
        if (last) {
          return;
        }
        Thread.onSpinWait();
      } else if (memory.begin(task.frame, task.generation)) {
        for (int n = 0; n < 20; n++) {
          assertThat(isStamped(memory, task.frame, task.stamp)).as("%s", task).isTrue();
        }
        memory.end(task.frame, task.generation);
        stored.incrementAndGet();
      }
    }
  }

  private static void write(FrameMemory memory, int frame, long stamp) {
    for (long at = 0; at < FRAME_BYTES; at += 8) {
      memory.memory().set(ValueLayout.JAVA_LONG, memory.offset(frame) + at, stamp);
    }
  }

  private static boolean isStamped(FrameMemory memory, int frame, long stamp) {
    for (long at = 0; at < FRAME_BYTES; at += 8) {
      if (memory.memory().get(ValueLayout.JAVA_LONG, memory.offset(frame) + at) != stamp) {
        return false;
      }
    }
    return true;
  }
}
