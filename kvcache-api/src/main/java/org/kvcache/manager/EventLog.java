package org.kvcache.manager;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.kvcache.BlockKey;
import org.kvcache.BlockKeys;
import org.kvcache.KvEvent;
import org.kvcache.KvEventListener;
import org.kvcache.SequenceContent;

/**
 * Numbers the events under the manager's lock and delivers them outside it, in order. Whoever comes
 * first delivers for the others, so no listener is called by two threads at once.
 */
final class EventLog {

  private final int blockTokens;
  private final String medium;
  private final List<KvEventListener> listeners = new CopyOnWriteArrayList<>();
  private final ConcurrentLinkedQueue<KvEvent> pending = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean delivering = new AtomicBoolean();
  private final List<BlockKey> removed = new ArrayList<>();
  private long sequence; // guarded by the manager's lock, as removed is

  EventLog(int blockTokens, String medium) {
    this.blockTokens = blockTokens;
    this.medium = medium;
  }

  boolean isActive() {
    return !listeners.isEmpty();
  }

  long lastSequence() {
    return sequence;
  }

  void add(KvEventListener listener) {
    listeners.add(listener);
  }

  void remove(KvEventListener listener) {
    listeners.remove(listener);
  }

  void stored(BlockKeys keys, int from, int to, @Nullable SequenceContent content) {
    if (!isActive() || from == to) {
      return;
    }
    var blockKeys = new ArrayList<BlockKey>(to - from);
    for (int i = from; i < to; i++) {
      blockKeys.add(keys.get(i));
    }
    BlockKey parent = from == 0 ? null : keys.get(from - 1);
    flushRemoved();
    pending.add(
        content == null
            ? new KvEvent.BlockStored(
                ++sequence, blockKeys, parent, List.of(), blockTokens, null, medium, List.of(), 0)
            : new KvEvent.BlockStored(
                ++sequence,
                blockKeys,
                parent,
                content.tokens(from * blockTokens, to * blockTokens),
                blockTokens,
                content.loraName(),
                medium,
                content.extraKeys(from, to),
                content.group()));
  }

  void removed(long hi, long lo) {
    if (isActive()) {
      removed.add(new BlockKey(hi, lo));
    }
  }

  /** Makes one event of the blocks removed since the last one. */
  void flushRemoved() {
    if (!removed.isEmpty()) {
      pending.add(new KvEvent.BlockRemoved(++sequence, removed, medium));
      removed.clear();
    }
  }

  void cleared() {
    removed.clear();
    if (isActive()) {
      pending.add(new KvEvent.AllBlocksCleared(++sequence));
    }
  }

  /** Delivers what is pending; called without the lock. */
  void deliver() {
    while (!pending.isEmpty() && delivering.compareAndSet(false, true)) {
      try {
        for (KvEvent event = pending.poll(); event != null; event = pending.poll()) {
          for (KvEventListener listener : listeners) {
            tell(listener, event);
          }
        }
      } finally {
        delivering.set(false);
      }
    }
  }

  private static void tell(KvEventListener listener, KvEvent event) {
    try {
      listener.onEvent(event);
    } catch (RuntimeException dropped) {
      System.getLogger(EventLog.class.getName())
          .log(System.Logger.Level.WARNING, "a KvEventListener failed on " + event, dropped);
    }
  }
}
