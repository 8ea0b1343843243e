package org.kvcache.policy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.kvcache.spi.EvictionPolicy;
import org.kvcache.spi.PolicyContext;

/**
 * Adaptive Replacement Cache, N. Megiddo and D. S. Modha, "ARC: A Self-Tuning, Low Overhead
 * Replacement Cache", USENIX FAST 2003, figure 4, with a real-valued target {@code p}.
 *
 * <p>T1 holds the blocks seen once lately, T2 those seen at least twice; B1 and B2 are their
 * ghosts. A ghost hit in B1 says that T1 is too small and moves {@code p} up, one in B2 moves it
 * down. Pinned blocks count as members of their list but cannot be chosen; if all of the list that
 * should give way is pinned, the other list gives the victim.
 */
public final class ArcPolicy implements EvictionPolicy {

  private static final int T1 = 0;
  private static final int T2 = 1;
  private static final int B1 = 2;
  private static final int B2 = 3;
  private static final byte UNKNOWN = 4;

  private final PolicyContext context;
  private final int c;
  private final RecencyLists lists;
  private final byte[] member;
  private final int[] size = new int[5];
  private double p;
  private long clock;
  private boolean ghostHit; // these three tell how the entry last missed came in
  private boolean ghostHitInB2;
  private boolean dropsGhost;

  /** An empty policy. */
  public ArcPolicy(PolicyContext context) {
    this.context = context;
    c = context.capacity();
    lists = new RecencyLists(context.maxEntries(), 2, 2);
    member = new byte[context.maxEntries()];
    Arrays.fill(member, UNKNOWN);
    size[UNKNOWN] = context.maxEntries();
  }

  @Override
  public void miss(int entry) {
    forgetIncoming();
    switch (member[entry]) {
      case B1 -> {
        // Case II
        p = Math.min(c, p + Math.max(1.0, (double) size[B2] / size[B1]));
        move(entry, UNKNOWN);
        ghostHit = true;
      }
      case B2 -> {
        // Case III
        p = Math.max(0, p - Math.max(1.0, (double) size[B1] / size[B2]));
        move(entry, UNKNOWN);
        ghostHit = true;
        ghostHitInB2 = true;
      }
      default -> makeRoomInDirectory();
    }
  }

  /** Case IV: a key that is in no list. */
  private void makeRoomInDirectory() {
    if (size[T1] + size[B1] == c) {
      if (size[T1] < c) {
        forgetOldest(B1);
      } else {
        dropsGhost = true; // B1 is empty: the victim, T1's oldest, is forgotten
      }
    } else if (size[T1] + size[T2] + size[B1] + size[B2] == 2 * c) {
      forgetOldest(B2);
    }
  }

  private void forgetOldest(int ghosts) {
    int ghost = lists.first(ghosts);
    if (ghost != NONE) {
      move(ghost, UNKNOWN);
      context.forget(ghost);
    }
  }

  @Override
  public void insert(int entry) {
    size[UNKNOWN]--;
    join(entry, ghostHit ? T2 : T1);
    forgetIncoming();
  }

  private void forgetIncoming() {
    ghostHit = false;
    ghostHitInB2 = false;
    dropsGhost = false;
  }

  @Override
  public void hit(int entry) {
    // Case I
    lists.unlink(member[entry], entry);
    if (member[entry] != T2) {
      size[member[entry]]--;
      join(entry, T2);
    }
  }

  private void join(int entry, int list) {
    member[entry] = (byte) list;
    size[list]++;
  }

  private void move(int entry, int list) {
    if (member[entry] <= T2) {
      lists.unlink(member[entry], entry);
    } else {
      lists.unlinkPlain(entry);
    }
    size[member[entry]]--;
    join(entry, list);
  }

  @Override
  public void release(int entry, boolean evictable) {
    lists.release(member[entry], entry, ++clock, evictable);
  }

  @Override
  public void expose(int entry) {
    lists.expose(member[entry], entry);
  }

  @Override
  public int victim() {
    int t1 = lists.oldest(T1);
    int t2 = lists.oldest(T2);
    if (dropsGhost && t1 != NONE) {
      return t1;
    }
    boolean fromT1 = size[T1] > 0 && (size[T1] > p || (ghostHitInB2 && size[T1] == p));
    int choice = fromT1 ? t1 : t2;
    return choice != NONE ? choice : fromT1 ? t2 : t1;
  }

  @Override
  public boolean evict(int entry) {
    if (member[entry] == T1 && dropsGhost) {
      dropsGhost = false;
      move(entry, UNKNOWN);
      return false;
    }
    int ghosts = member[entry] == T1 ? B1 : B2;
    move(entry, ghosts);
    lists.append(ghosts, entry);
    return true;
  }

  @Override
  public void remove(int entry) {
    move(entry, UNKNOWN);
  }

  /** The target size of T1 as a share of the capacity, within 0 and 1. */
  double target() {
    return p / c;
  }

  @Override
  public Map<String, Double> state() {
    var state = new LinkedHashMap<String, Double>();
    state.put("t1", (double) size[T1]);
    state.put("t2", (double) size[T2]);
    state.put("b1", (double) size[B1]);
    state.put("b2", (double) size[B2]);
    state.put("p", p);
    return state;
  }
}
