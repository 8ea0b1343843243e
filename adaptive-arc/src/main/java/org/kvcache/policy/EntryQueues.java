package org.kvcache.policy;

import java.util.Arrays;
import org.kvcache.spi.EvictionPolicy;

/**
 * Queues of entries, each entry in at most one of them, in which a pinned entry keeps its place and
 * is passed over. A building block for policies.
 *
 * <p>Each queue remembers up to where its oldest entries are known to be pinned, so that choosing
 * several victims in a row does not walk over the same pinned entries again.
 */
public final class EntryQueues {

  /** No entry, or no queue. */
  public static final int NONE = EvictionPolicy.NONE;

  private final EntryLists lists;
  private final byte[] queueOf;
  private final boolean[] pinned;
  private final long[] arrival;
  private final int[] size;
  private final int[] cursor; // all entries older than this one are pinned; NONE: all of the queue
  private long clock;

  /** Empty queues {@code 0} to {@code queues - 1} for entries less than {@code entries}. */
  public EntryQueues(int entries, int queues) {
    lists = new EntryLists(entries, queues);
    queueOf = new byte[entries];
    Arrays.fill(queueOf, (byte) NONE);
    pinned = new boolean[entries];
    arrival = new long[entries];
    size = new int[queues];
    cursor = new int[queues];
    Arrays.fill(cursor, NONE);
  }

  /** The queue that {@code entry} is in, or {@link #NONE}. */
  public int queueOf(int entry) {
    return queueOf[entry];
  }

  /** How many entries {@code queue} has, pinned ones included. */
  public int size(int queue) {
    return size[queue];
  }

  /** The oldest entry of {@code queue}, pinned or not, or {@link #NONE}. */
  public int oldest(int queue) {
    return lists.first(queue);
  }

  /** The oldest entry of {@code queue} that is not pinned, or {@link #NONE}. */
  public int oldestUnpinned(int queue) {
    int entry = cursor[queue];
    while (entry != NONE && pinned[entry]) {
      entry = lists.younger(entry);
    }
    cursor[queue] = entry;
    return entry;
  }

  /** Puts {@code entry}, which is in no queue, at the young end of {@code queue}. */
  public void append(int queue, int entry) {
    lists.append(queue, entry);
    queueOf[entry] = (byte) queue;
    arrival[entry] = ++clock;
    size[queue]++;
    if (cursor[queue] == NONE) {
      cursor[queue] = entry;
    }
  }

  /** Moves {@code entry} from wherever it is to the young end of {@code queue}. */
  public void move(int entry, int queue) {
    remove(entry);
    append(queue, entry);
  }

  /** Takes {@code entry} out of its queue, if it is in one. */
  public void remove(int entry) {
    int queue = queueOf[entry];
    if (queue == NONE) {
      return;
    }
    if (cursor[queue] == entry) {
      cursor[queue] = lists.younger(entry);
    }
    lists.unlink(entry);
    queueOf[entry] = (byte) NONE;
    size[queue]--;
  }

  /** Passes {@code entry} over from now on, in whichever queue it is or comes to be. */
  public void pin(int entry) {
    pinned[entry] = true;
  }

  /** Ends {@link #pin}. */
  public void unpin(int entry) {
    pinned[entry] = false;
    int queue = queueOf[entry];
    if (queue != NONE && (cursor[queue] == NONE || arrival[entry] < arrival[cursor[queue]])) {
      cursor[queue] = entry;
    }
  }
}
