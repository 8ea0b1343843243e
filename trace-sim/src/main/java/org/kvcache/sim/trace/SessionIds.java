package org.kvcache.sim.trace;

import java.util.HashMap;
import java.util.Map;
import org.agrona.collections.Long2LongHashMap;

/** Numbers sessions densely from 0 in order of first appearance, whatever a file calls them. */
final class SessionIds {
  private final Long2LongHashMap byNumber = new Long2LongHashMap(Request.NONE);
  private final Map<String, Integer> byName = new HashMap<>();
  private int next;

  /** The session of a number, made if new. */
  int of(long number) {
    long known = byNumber.get(number);
    if (known == Request.NONE) {
      known = add();
      byNumber.put(number, known);
    }
    return (int) known;
  }

  /** The session of a name, made if new. */
  int of(String name) {
    return byName.computeIfAbsent(name, any -> add());
  }

  /** Makes {@code number} another name of {@code session}. */
  void alias(long number, int session) {
    byNumber.put(number, session);
  }

  private int add() {
    return next++;
  }
}
