package org.kvcache.sim.trace;

import java.util.Arrays;

/**
 * A cursor over one request of a trace, filled in place by {@link TraceReader#next} so that reading
 * allocates nothing per request.
 *
 * <p>The ids name the prompt's blocks from the first on. Readers of this package fill the fields
 * directly; a reader elsewhere uses {@link #set} and {@link #addId}. Not thread-safe.
 */
public final class Request {
  /** Session or turn of a request that states none. */
  public static final int NONE = -1;

  /** Upper bound on the blocks of one request, so that one bad line cannot exhaust the memory. */
  static final int MAX_IDS = 1 << 24;

  double timeMillis;
  int inputTokens;
  int outputTokens;
  int session = NONE;
  int turn = NONE;
  long[] ids = new long[64];
  int count;

  /** Arrival time in milliseconds; the origin is the trace's own. */
  public double timeMillis() {
    return timeMillis;
  }

  /** Prompt length in tokens. */
  public int inputTokens() {
    return inputTokens;
  }

  /** Generated tokens. */
  public int outputTokens() {
    return outputTokens;
  }

  /** Session number, dense from 0 in order of first appearance, or {@link #NONE}. */
  public int session() {
    return session;
  }

  /** Turn in the session, from 0, or {@link #NONE}. */
  public int turn() {
    return turn;
  }

  /**
   * The backing array: the first {@link #count} entries are the block ids. Valid until refilled.
   */
  public long[] ids() {
    return ids;
  }

  /** Number of blocks. */
  public int count() {
    return count;
  }

  /** Empties the request: no blocks, no session, no turn, zero elsewhere. */
  public void clear() {
    set(0, 0, 0, NONE, NONE);
    count = 0;
  }

  /**
   * Sets everything but the blocks.
   *
   * @param timeMillis arrival in milliseconds
   * @param inputTokens prompt length in tokens
   * @param outputTokens generated tokens
   * @param session dense session number or {@link #NONE}
   * @param turn turn from 0 or {@link #NONE}
   */
  public void set(double timeMillis, int inputTokens, int outputTokens, int session, int turn) {
    this.timeMillis = timeMillis;
    this.inputTokens = inputTokens;
    this.outputTokens = outputTokens;
    this.session = session;
    this.turn = turn;
  }

  /** Appends one block id. */
  public void addId(long id) {
    ensureRoom(1);
    ids[count++] = id;
  }

  /** Appends {@code length} consecutive ids from {@code first} on. */
  void addRun(long first, int length) {
    ensureRoom(length);
    for (int i = 0; i < length; i++) {
      ids[count + i] = first + i;
    }
    count += length;
  }

  /** Appends the first {@code length} entries of {@code source}. */
  void addAll(long[] source, int length) {
    ensureRoom(length);
    System.arraycopy(source, 0, ids, count, length);
    count += length;
  }

  private void ensureRoom(int extra) {
    int needed = Math.addExact(count, extra);
    if (needed > ids.length) {
      ids = Arrays.copyOf(ids, Math.max(needed, ids.length * 2));
    }
  }
}
