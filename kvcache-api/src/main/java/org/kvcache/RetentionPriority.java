package org.kvcache;

/** Priorities of retained blocks, as TensorRT-LLM has them: 0 goes first, 100 last. */
public final class RetentionPriority {

  /** Evicted before everything else. */
  public static final int LOWEST = 0;

  /** The eviction policy decides. */
  public static final int DEFAULT = 35;

  /** Evicted after everything else. */
  public static final int HIGHEST = 100;

  private RetentionPriority() {}

  /** Returns {@code priority} if it is one. */
  public static int check(int priority) {
    if (priority < LOWEST || priority > HIGHEST) {
      throw new IllegalArgumentException(
          "priority is " + priority + "; it must be within " + LOWEST + " and " + HIGHEST);
    }
    return priority;
  }
}
