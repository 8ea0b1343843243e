package org.kvcache;

/** Receives {@link KvEvent}s. */
@FunctionalInterface
public interface KvEventListener {

  /**
   * Called in the order of the sequence numbers, one call at a time, on the thread of some caller
   * of the manager and outside its lock. A {@link RuntimeException} it throws is logged and
   * dropped.
   */
  void onEvent(KvEvent event);
}
