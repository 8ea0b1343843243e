package org.kvcache.offload;

import java.util.function.BooleanSupplier;

/** Waiting for what happens by itself, by trying many times. */
final class Attempts {

  private static final int MOST = 2_000;
  private static final int PAUSE_MILLIS = 10;

  private Attempts() {}

  static void until(BooleanSupplier condition) {
    for (int i = 0; i < MOST; i++) {
      if (condition.getAsBoolean()) {
        return;
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new AssertionError("did not happen in " + MOST + " attempts");
  }
}
