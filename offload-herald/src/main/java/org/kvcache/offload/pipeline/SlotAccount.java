package org.kvcache.offload.pipeline;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Which slots of the device's pool are free. Thread-safe. */
final class SlotAccount {

  private final int[] free;
  private int count;

  SlotAccount(int slots) {
    free = new int[slots];
    Arrays.setAll(free, i -> slots - 1 - i);
    count = slots;
  }

  /** So many slots; null, with nothing changed, if there are fewer. */
  synchronized int @Nullable [] take(int slots) {
    if (slots > count) {
      return null;
    }
    int[] taken = new int[slots];
    for (int i = 0; i < slots; i++) {
      taken[i] = free[--count];
    }
    return taken;
  }

  synchronized void give(int[] slots) {
    for (int slot : slots) {
      free[count++] = slot;
    }
  }

  synchronized int free() {
    return count;
  }
}
