package org.kvcache.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The memory of encoded blocks, cut into frames, and which frame stands behind each slot.
 *
 * <p>Slots are what the block manager hands out; a slot may be given to a new block while a tier
 * still reads or writes the bytes of the old one. The slot then gets a spare frame, and the old
 * frame, now an <i>orphan</i>, becomes a spare when the tier is done. So nothing is copied and
 * nobody waits.
 *
 * <p>A frame's state is one word: generation (32 bits), orphan (1), tiers busy with it (15), tasks
 * queued for it (16). A task is told the generation when it is queued; when a queued frame must be
 * reused and no spare is left, the generation moves on and the task finds itself void.
 */
final class FrameMemory implements AutoCloseable {

  private static final long QUEUED = 1;
  private static final long QUEUED_MASK = 0xFFFF;
  private static final long BUSY = 1 << 16;
  private static final long BUSY_MASK = 0x7FFF_0000L;
  private static final long ORPHAN = 1L << 31;
  private static final long GENERATION = 1L << 32;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;
  private final long frameBytes;
  private final int[] frameOf;
  private final AtomicLongArray states;

  // The last spares are kept for frames that a tier is busy with, which cannot be taken from it.
  // An orphan that another tier has only queued comes back when fewer are left.
  private final int reserve;
  private final int[] spares;
  private int spareCount;

  FrameMemory(int slots, int spareFrames, int reserve, long frameBytes) {
    this.frameBytes = frameBytes;
    this.reserve = reserve;
    int frames = Math.addExact(slots, spareFrames);
    memory = arena.allocate(Math.multiplyExact(frames, frameBytes), 64);
    states = new AtomicLongArray(frames);
    frameOf = new int[slots];
    for (int slot = 0; slot < slots; slot++) {
      frameOf[slot] = slot;
    }
    spares = new int[spareFrames];
    for (int i = 0; i < spareFrames; i++) {
      spares[i] = slots + i;
    }
    spareCount = spareFrames;
  }

  MemorySegment memory() {
    return memory;
  }

  long offset(int frame) {
    return frame * frameBytes;
  }

  long frameBytes() {
    return frameBytes;
  }

  MemorySegment frame(int frame) {
    return memory.asSlice(offset(frame), frameBytes);
  }

  /** The frame behind a slot that the caller has pinned. */
  int frameOf(int slot) {
    return frameOf[slot];
  }

  /** The slot was taken for a new block: puts a frame behind it that no tier cares about. */
  void reuse(int slot) {
    int frame = frameOf[slot];
    while (true) {
      long state = states.get(frame);
      if ((state & (QUEUED_MASK | BUSY_MASK)) == 0) {
        return;
      }
      boolean busy = (state & BUSY_MASK) != 0;
      int spare = takeSpare(busy ? 0 : reserve);
      if (spare >= 0) {
        if (states.compareAndSet(frame, state, state | ORPHAN)) {
          frameOf[slot] = spare;
          return;
        }
        giveSpare(spare);
      } else if (busy) {
        Thread.onSpinWait(); // not reached while there are as many spares as blocks in all batches
      } else if (states.compareAndSet(frame, state, nextGeneration(state))) {
        return;
      }
    }
  }

  /** A task for this frame was queued; returns what {@link #begin} wants to see again. */
  int hold(int frame) {
    return (int) (states.addAndGet(frame, QUEUED) >>> 32);
  }

  /** The task is dropped. */
  void unhold(int frame, int generation) {
    settle(frame, generation, -QUEUED);
  }

  /** The task starts: the frame stays as it is until {@link #end}. False if it is void. */
  boolean begin(int frame, int generation) {
    return settle(frame, generation, BUSY - QUEUED);
  }

  /** The task is done. */
  void end(int frame, int generation) {
    settle(frame, generation, -BUSY);
  }

  private boolean settle(int frame, int generation, long change) {
    while (true) {
      long state = states.get(frame);
      if ((int) (state >>> 32) != generation) {
        return false;
      }
      long next = state + change;
      boolean free =
          (next & ORPHAN) != 0
              && (next & BUSY_MASK) == 0
              && ((next & QUEUED_MASK) == 0 || spares() < reserve);
      if (states.compareAndSet(frame, state, free ? nextGeneration(next) : next)) {
        if (free) {
          giveSpare(frame);
        }
        return true;
      }
    }
  }

  private static long nextGeneration(long state) {
    return (state & -GENERATION) + GENERATION;
  }

  private synchronized int takeSpare(int leave) {
    return spareCount > leave ? spares[--spareCount] : -1;
  }

  private synchronized void giveSpare(int frame) {
    spares[spareCount++] = frame;
  }

  synchronized int spares() {
    return spareCount;
  }

  long bytes() {
    return memory.byteSize();
  }

  @Override
  public void close() {
    arena.close();
  }
}
