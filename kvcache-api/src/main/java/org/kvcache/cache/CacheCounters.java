package org.kvcache.cache;

import java.util.concurrent.atomic.LongAdder;
import org.kvcache.BlockManager;

/** What a cache counts, and the events it makes of it. Thread-safe. */
final class CacheCounters {

  private final LongAdder queriedTokens = new LongAdder();
  private final LongAdder memoryHitTokens = new LongAdder();
  private final LongAdder promotedTokens = new LongAdder();
  private final LongAdder committedTokens = new LongAdder();

  void began(int promptTokens, int matchedTokens) {
    queriedTokens.add(promptTokens);
    memoryHitTokens.add(matchedTokens);
  }

  void promoted(int tokens) {
    promotedTokens.add(tokens);
  }

  void committed(int tokens) {
    committedTokens.add(tokens);
  }

  void evicted(int blocks, int demoted) {
    new EvictionEvent().commit(blocks, demoted);
  }

  void exhausted(int blocks, BlockManager manager) {
    var event = new PoolExhaustedEvent();
    if (event.shouldCommit()) {
      event.commit(blocks, manager.available());
    }
  }

  long queriedTokens() {
    return queriedTokens.sum();
  }

  long memoryHitTokens() {
    return memoryHitTokens.sum();
  }

  long promotedTokens() {
    return promotedTokens.sum();
  }

  long committedTokens() {
    return committedTokens.sum();
  }
}
